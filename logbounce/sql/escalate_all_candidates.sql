-- Everybody is a candidate against whom anything counts: to see how far each is from being suppressed.
create or replace temp table candidates as
select
    address_key, stream, reason,
    any_value(consecutive) and any_value(needed) > 1 as restarts,
    min(event_time) as first_time
from counted
group by address_key, stream, reason;
