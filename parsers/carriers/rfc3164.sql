-- detect: ^(?:<\d{1,3}>)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d [^\s<\[](?:\S*[^\s:])? [^\s:]+: (?!\s|\[ID )
-- RFC 3164, with and without <PRI>, and Postfix's own maillog_file (postlogd): no year, no zone.
select
    pos,
    line,
    line as origin,
    local_to_utc(pos, day + try_cast(substring(bare, 8, 8) as time)) as event_time,
    lower(split_part(head, ' ', 1)) as host,
    split_part(split_part(head, ' ', 2), '[', 1) as tag,
    substring(bare, colon + 2) as text
from (
    select *, substring(bare, 17, colon - 17) as head  -- HOST TAG[PID]
    from (
        select *, strpos(bare, ': ') as colon
        from (select pos, line, case when starts_with(line, '<') then substring(line, strpos(line, '>') + 1) else line end as bare from lines)
    )
)
    left join calendar on stamp_day = substring(bare, 1, 6)
