-- Where in the block the clock had been set back: the first line of the repeated hour that is well before an earlier line.
-- `events` was read as if all of that hour were its first pass.
select min(pos)
from (
    select pos, event_time, max(event_time) over (order by pos rows between unbounded preceding and 1 preceding) as before
    from events
    where event_time >= $utc_from::timestamp and event_time < $utc_to::timestamp
)
where event_time < greatest(before, $seen::timestamp) - interval 10 minute
