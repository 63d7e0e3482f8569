-- The bounces that count, each for what it can suppress: the table `counted`, from `evidence` and `limits` (escalate.sql). Of a message
-- the first, then each that comes `repeat_after` or more after the last counted.
create or replace temp table counted as
with recursive tallies as materialized (
    select l.stream, l.reason, l.repeat_after, e.address_key, e.delivery_id, e.event_time, e.evidence_id
    from evidence e
    join limits l on l.stream = e.stream and list_contains(l.acts, e.act)
),
chosen as (
    select stream, reason, delivery_id, min(event_time) as event_time
    from tallies
    group by all
    union all
    select t.stream, t.reason, t.delivery_id, min(t.event_time)
    from chosen c
    join tallies t using (stream, reason, delivery_id)
    where t.event_time >= c.event_time + t.repeat_after
    group by t.stream, t.reason, t.delivery_id
),
once as (
    select stream, reason, event_time, any_value(address_key) as address_key, min(evidence_id) as evidence_id
    from chosen
    join tallies using (stream, reason, delivery_id, event_time)
    group by stream, reason, delivery_id, event_time
)
select o.*, l.needed, l.within, l.consecutive, l.policy
from once o
join limits l using (stream, reason);
