-- Where in the block the clock had been set back: the first line of the repeated hour that is well before an earlier line, or comes
-- after one that is past the hour (the second pass is: `events` was read as if all of the repeated hour were its first pass).
select min(pos)
from (
    select pos, event_time, max(event_time) over (order by pos rows between unbounded preceding and 1 preceding) as before
    from events
    where event_time >= $utc::timestamp - $by::interval and event_time < $utc::timestamp + 2 * $by::interval
)
where event_time < $utc::timestamp
    and (event_time < greatest(before, $seen::timestamp) - interval 10 minute or greatest(before, $seen::timestamp) >= $utc::timestamp)
