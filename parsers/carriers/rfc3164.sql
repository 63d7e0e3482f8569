-- detect: ^(?:<\d{1,3}>)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d [^\s<\[](?:\S*[^\s:])? [^\s:]+: (?!\s|\[ID )
-- RFC 3164, with and without <PRI>, and Postfix's own maillog_file (postlogd): no year, no zone.
select * from syslog_lines('lines')
