-- wraps: lines
-- detect: ^[\w.-]+ +\| |^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z (?:[A-Z][a-z]{2} [ \d]\d \d\d:|\d{4}-\d\d-\d\d[T ]\d\d:|<\d|\{)
-- What `docker compose logs` puts before a line of a container (`mail-1  | `), and `docker logs -t` (a stamp of nine digits before the line's own).
select
    pos,
    regexp_replace(line, '^(?:[\w.-]+ +\| )?(?:\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z ([A-Z][a-z]{2} |\d{4}-|<|\{))?', '\1') as line
from lines
