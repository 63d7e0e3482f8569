-- detect: ^(?:<\d{1,3}>)?(?:(?:[A-Z][a-z]{2} )?(?:\d{4} )?[^\W\d_]{3,5}\.?\s+\d{1,2}\s+(?:\d{4}\s+)?\d\d:\d\d:\d\d\S*\s+\S|(?:(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d{9,10}\.\d{6})\S*(?:\s+\S+){0,4}?\s+[^\s\[\]]+\[\d+\]:\s)
-- The syslogs that iso8601.sql and rfc3164.sql, asked before it (by name), do not read, at the price of an expression a line: a year or a fraction in a traditional stamp
-- (syslog-ng, journalctl -o short-precise), a day padded by nothing, blank or comma in an ISO stamp, <PRI> before one, journalctl -o short-full,
-- with-unit and short-unix; no host (busybox syslogd -S); facility and severity after the host (busybox, AIX) or before it (FreeBSD syslogd -v);
-- a weekday and a year behind the time (OpenWrt's logread); months in other languages (journalctl);
-- [ID 197553 mail.info] before the text (Solaris); [PROGRAM] TEXT (metalog); tabs. The zone that short-full names is the source's, if not UTC.
select
    pos,
    line,
    line as origin,
    case
        when head.epoch <> '' then epoch_time(try_cast(head.epoch as double))
        when head.time = '' then iso8601_time(pos, translate(head.zoned || head.iso, ' ,', 'T.') || case when head.utc = '' then head.offset else 'Z' end)
        else local_to_utc(
            pos,
            case when year = '' then traditional_time(named_day || ' 00:00:00') else try_strptime(case when dated(year || '-') then year end || ' ' || named_day, '%Y %b %d') end::date
                + try_cast(replace(head.time, ',', '.') as time))
    end as event_time,
    lower(nullif(head.host, '')) as host,
    head.tag || head.bracketed as tag,
    case when head.text = '' then line else head.text end as text
from (
    select *, head.year_before || head.year_between || head.year_after as year, english_month(lower(head.month)) || ' ' || lpad(head.day, 2, '0') as named_day
    from (
        select pos, line, regexp_extract(
            line,
            '^(?:<\d{1,3}>)?(?:'
            '(?:[A-Z][a-z]{2} )?(?:(\d{4}) )?(\p{L}{3,5})\.?[ \t]+(\d{1,2})[ \t]+(?:(\d{4})[ \t]+)?(\d\d:\d\d:\d\d(?:[.,]\d+)?)(?: (\d{4}))?'
            '|[A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (?:(UTC|GMT)|[A-Z][A-Za-z]{2,4})'
            '|(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?) ?(Z|[+-]\d\d(?::?\d\d)?)?'
            '|(\d{9,10}\.\d{6})'
            ')[ \t]+(?:'
            '(?:<?(?:[a-z]+\d?[.:])?(?:emerg|panic|alert|crit|err|error|warn|warning|notice|info|debug)>?[ \t]+)?'
            '(?:([^\s<\[](?:\S*[^\s:])?|\[[0-9A-Fa-f.:]+\])[ \t]+)?'
            '(?:[a-z]+\d?[.:](?:emerg|panic|alert|crit|err|error|warn|warning|notice|info|debug)[ \t]+)?'
            '(?:([^\s\[\]:]+)(?:\[\d+\])?:|\[([^\s\[\]]+)\])(?:[ \t]+\[ID \d+ [a-z]+\d?\.[a-z]+\])?[ \t]+)?(.*)$',
            ['year_before', 'month', 'day', 'year_between', 'time', 'year_after', 'zoned', 'utc', 'iso', 'offset', 'epoch', 'host', 'tag', 'bracketed', 'text'], 's') as head
        from lines
    )
)
