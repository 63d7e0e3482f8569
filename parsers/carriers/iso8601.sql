-- detect: ^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)? [^\s\[|]+ [^\s:]+: 
-- STAMP HOST PROGRAM[PID]: TEXT: rsyslog's RFC 3339 stamps, journalctl -o short-iso and short-iso-precise.
select
    pos,
    line,
    line as origin,
    iso8601_time(pos, split_part(head, ' ', 1)) as event_time,
    lower(split_part(head, ' ', 2)) as host,
    split_part(split_part(head, ' ', 3), '[', 1) as tag,
    substring(line, strlen(head) + 3) as text
from (select pos, line, split_part(left(line, 512), ': ', 1) as head from lines)  -- STAMP HOST TAG[PID]
