-- From the lines of a block to their events: `parsed` is a parser's SELECT (parsers/*.sql), the others are the files of these names.
with
kept_lines as materialized ({kept_lines}),
logged as not materialized ({logged}),
parsed as not materialized ({parsed})
{events}
