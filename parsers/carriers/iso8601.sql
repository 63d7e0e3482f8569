-- detect: ^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)? [^\s\[|]+ [^\s:]+: 
-- STAMP HOST PROGRAM[PID]: TEXT: rsyslog's RFC 3339 stamps, journalctl -o short-iso and short-iso-precise.
select
    pos,
    line,
    line as origin,
    iso8601_time(pos, split_part(line, ' ', 1)) as event_time,
    lower(split_part(line, ' ', 2)) as host,
    split_part(rtrim(split_part(line, ' ', 3), ':'), '[', 1) as tag,
    substring(line, strpos(line, ': ') + 2) as text
from lines
