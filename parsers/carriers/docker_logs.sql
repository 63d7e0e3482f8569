-- wraps: lines
-- detect: ^(?:[\w.-]+ +\| |\[pod/[\w./-]+\] )|^\d{4}-\d\d-\d\dT[\d:.]+Z (?:[A-Z][a-z]{2} [ \d]\d \d\d:|\d{4}-\d\d-\d\d[T ]\d\d:|<\d|\{)
-- What goes before a line that has a stamp of its own: `mail-1  | ` (docker compose logs), `[pod/mail-0/postfix] ` (kubectl logs --prefix),
-- another stamp (docker logs -t, kubectl logs --timestamps, what CloudWatch exports).
select
    pos,
    regexp_replace(line, '^(?:[\w.-]+ +\| |\[pod/[\w./-]+\] )?(?:\d{4}-\d\d-\d\dT[\d:.]+Z ([A-Z][a-z]{2} |\d{4}-|<|\{))?', '\1') as line
from lines
