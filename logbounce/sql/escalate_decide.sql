-- Who is to be suppressed: the table `decisions`, from `evidence` and `limits` (escalate.sql).

-- The bounces that count: the first of a message, then each that comes `repeat_after` or more after the last counted.
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

-- Who would be suppressed if no delivery came in between: few, and only their deliveries need to be looked up.
create or replace temp table candidates as
with reaches as (
    select *, event_time - lag(event_time, needed - 1) over (
        partition by address_key, stream, reason order by event_time, evidence_id
    ) as took
    from counted
)
select
    address_key, stream, reason,
    any_value(consecutive) and any_value(needed) > 1 as restarts,
    min(event_time) as first_time
from reaches
group by address_key, stream, reason, within
having bool_or(took is not null and (within is null or took <= within));

set variable deliveries_since = (select min(first_time) from candidates where restarts);

-- What was accepted and later reported as bounced was no delivery.
create or replace temp table deliveries as
select distinct lower(recipient) as address_key, event_time
from attempt_rows
where event_time >= getvariable('deliveries_since')
    and outcome = 'delivered'
    and lower(recipient) in (select address_key from candidates where restarts)
    and delivery_id not in (select delivery_id from attempt_rows where asynchronous and outcome = 'bounced');

create or replace temp table decisions as
with runs as (
    -- Bounces with the same delivery before them belong to one run; one of the same second comes after it.
    select c.*, case when consecutive then d.event_time end as delivered_time
    from (from counted semi join candidates using (address_key, stream, reason)) c
    asof left join deliveries d on c.address_key = d.address_key and c.event_time >= d.event_time
),
reached as (
    select
        *,
        lag(event_time, needed - 1) over run as first_evidence,
        list(evidence_id) over (run rows between needed - 1 preceding and current row) as evidence
    from runs
    window run as (partition by address_key, stream, reason, delivered_time order by event_time, evidence_id)
)
-- The first moment at which a limit was reached decides.
from reached
where event_time <= first_evidence + coalesce(within, event_time - first_evidence)
qualify row_number() over (
    partition by address_key, stream
    order by event_time, list_position(['hard', 'soft', 'any', 'complaint'], reason), evidence_id
) = 1;
