"""The events of a log as they are read, before they meet each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logbounce.follow import blocks, open_log
from logbounce.ingest.inspect import reading_of
from logbounce.parse import arrow_lines, prepare, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.settings import Settings

_ROWS = 1000
_INTERNAL = {"line_id", "repeats", "message_key", "use"}


def events_of(connection: DuckDBPyConnection, path: str, settings: Settings, wanted: str | None) -> Iterator[dict[str, Any]]:
    """Yield what each line of the log at `path` says: the columns of sql/events.sql that it fills."""
    with open_log(path) as log:
        reading = reading_of(log, settings, wanted)
        prepare(connection, reading)
        seen = None
        for block in blocks(log.stream):
            lines = arrow_lines(block)
            read_lines(connection, lines.table, reading, seen)
            (seen,) = connection.execute("select greatest(max(event_time), $1) from events", [seen]).fetchone() or (seen,)
            yield from _rows(connection)
            for pos, text in lines.overlong:
                yield {"kind": "unparsed", "pos": pos, "reason": "longer than 65,536 bytes", "line": text}


def _rows(connection: DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    result = connection.execute("select * from events order by pos, kind")
    names = [column[0] for column in result.description]
    while rows := result.fetchmany(_ROWS):
        for row in rows:
            yield {name: value for name, value in zip(names, row, strict=True) if value is not None and name not in _INTERNAL}
