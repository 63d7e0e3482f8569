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
