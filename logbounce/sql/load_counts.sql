-- What the lines of the block were, before repeats are dropped.
select
    coalesce(sum(coalesce(repeats, 1)) filter (kind = 'attempt'), 0)::bigint as attempts,
    count(*) filter (kind = 'unparsed') as unparsed,
    count(distinct pos) as understood,
    min(event_time) as first_time,
    max(event_time) as last_time
from events
