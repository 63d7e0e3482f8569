-- wraps: lines
-- detect: ^(?:(?:\(standard input\)|[^\s:{]+):(?:\d+:)? ?| *\d+\t)(?:<\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\{")
-- What `grep`, `zgrep` and `grep -n` write of several files: FILE:LINE or FILE:NUMBER:LINE; pdsh of several hosts: HOST: LINE; and
-- `cat -n`. A line is the one of the file that it is from.
select
    pos,
    regexp_replace(
        line, '^(?:(?:\(standard input\)|[^\s:{]+):(?:\d+:)? ?| *\d+\t)(<\d|[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d[T ]|\{")', '\1') as line
from lines
