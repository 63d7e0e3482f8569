-- How far the address is from being suppressed, for each stream that mails it and each limit of its policy.
with mailed as (
    select stream_of(sender) as stream from attempt_rows where lower(recipient) in (from touched_addresses)
    union
    select stream from weighed where what <> 'report'
),
counting as (
    select stream, reason, count(*) as counted, min(event_time) as oldest_time, min(tally_time) as leaves_at
    from tallied
    where tally = 'counts'
    group by stream, reason
)
select
    m.stream, p.preset as policy, l.reason, l.needed, coalesce(c.counted, 0) as counted, c.oldest_time, c.leaves_at,
    if(l.within is null, null, p.window_hours) as window_hours, if(l.repeat_after is null, null, p.repeat_hours) as repeat_hours,
    p.reset, d.event_time as reached_at
from mailed m
left join policies p using (stream)
left join limits l on l.stream = m.stream and l.reason <> 'complaint'
left join counting c on c.stream = m.stream and c.reason = l.reason
left join decisions d on d.stream = m.stream and d.reason = l.reason
where m.stream not in (select s.stream from suppressions s) and '' not in (select s.stream from suppressions s)
order by m.stream, list_position(['hard', 'soft', 'any'], l.reason);
