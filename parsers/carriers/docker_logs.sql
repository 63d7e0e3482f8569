-- wraps: lines
-- detect: ^(?:\x1b\[[0-9;]*m)*(?:[\w.@-]+ +\|(?:\x1b\[[0-9;]*m)* |\[pod/[\w./-]+\] )|^\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:\d\d) (?:\{[^{}]*\} )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:|\d{4}-\d\d-\d\d[T ]\d\d:|<\d|\{")|^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) \S+ [\w./-]+\[\d+\]: [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [^\s:]+ [^\s:]+: 
-- What goes before a line that has a stamp of its own: `mail-1  | ` (docker compose logs, in colours too; docker service logs),
-- `[pod/mail-0/postfix] ` (kubectl logs --prefix), another stamp (docker logs -t, podman logs -t, kubectl logs --timestamps, what
-- CloudWatch exports) and labels (logcli), another syslog header (docker's syslog driver).
select
    pos,
    regexp_replace(
        line,
        '^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) \S+ [\w./-]+\[\d+\]: ([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [^\s:]+ [^\s:]+: )'
        '|^(?:\x1b\[[0-9;]*m)*(?:[\w.@-]+ +\|(?:\x1b\[[0-9;]*m)* |\[pod/[\w./-]+\] )?(?:\x1b\[[0-9;]*m)*'
        '(?:\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:\d\d) (?:\{[^{}]*\} )?([A-Z][a-z]{2} |\d{4}-|<|\{"))?',
        '\1\2') as line
from lines
