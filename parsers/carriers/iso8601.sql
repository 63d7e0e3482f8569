-- detect: ^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)? [^\s\[|]+ [^\s:]+: 
-- STAMP HOST PROGRAM[PID]: TEXT: rsyslog's RFC 3339 stamps, journalctl -o short-iso and short-iso-precise.
select * from syslog_lines('lines')
