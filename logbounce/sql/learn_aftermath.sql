-- What became of the addresses of which the templates of `members` (cluster, template_id) were said, one row for each cluster.
with

said as (
    select m.cluster, lower(a.recipient) as address, count(*) as attempts, max(a.event_time) as last_time
    from members m
    join attempts a using (template_id)
    where a.outcome not in ('delivered', 'relayed') and a.event_time >= coalesce($since::timestamp, '-infinity')
    group by all
),

fates as (
    select
        s.cluster, s.address, s.attempts,
        coalesce(bool_or(a.outcome = 'delivered' and a.event_time > s.last_time), false) as delivered,
        -- the latest bounce that a rule knew
        arg_max(a.category, a.event_time) filter (a.outcome = 'bounced' and a.rule_id is not null) as known,
        bool_or(s.address in (select lower(address) from suppressions)) as suppressed
    from said s
    join attempts a on lower(a.recipient) = s.address
    group by all
)

select
    cluster, sum(attempts)::bigint, count(*),
    count(*) filter (delivered), count(*) filter (suppressed),
    coalesce(histogram(known) filter (known is not null), map {})
from fates
group by cluster
order by cluster;
