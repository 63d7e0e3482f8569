-- detect: ^<\d{1,3}>1 (?:-|\d{4}-\d\d-\d\dT\S+) \S+ \S+ \S+ \S+ (?:-|\[)
-- RFC 5424: <PRI>1 STAMP HOST APP PROCID MSGID SD MSG. Structured data may hold blanks and escaped brackets (section 6.3);
-- a message may start with a byte order mark (section 6.4), and does with a blank where rsyslog writes it
-- (RSYSLOG_SyslogProtocol23Format: its %msg% begins behind the colon).
select
    pos,
    line,
    line as origin,
    iso8601_time(pos, split_part(line, ' ', 2)) as event_time,
    lower(split_part(line, ' ', 3)) as host,
    split_part(line, ' ', 4) as tag,
    ltrim(case
        when starts_with(tail, '- ') then substring(tail, 3)
        else regexp_extract(tail, '^(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\])+ ?(.*)$', 1, 's')
    end, ' ' || chr(65279)) as text
from (select pos, line, regexp_extract(line, '^(?:\S+ ){6}(.*)$', 1, 's') as tail from lines)
