-- What was stored before its message was known: a newer file was read first, or a log begins in the middle of a message.

-- A message without its first line is the rest of one that comes before it and is still open (an own DSN of which only the
-- notice was read begins within the hour). What was a notice alone has begun by now, at another time.
create or replace temp table adopted as
with later as materialized (
    select host, queue_id, first_time from messages
    where not begun and first_time > (select min(first_time) from block_messages)
),
found as materialized (
    select distinct host, queue_id from later as m join block_messages as b using (host, queue_id) where m.first_time > b.first_time
)
select host, queue_id, first_time, message_time
from (
    select *, lag(first_time) over uses as message_time, lag(closed_time) over uses as before_closed
    from messages semi join found using (host, queue_id)
    window uses as (partition by host, queue_id order by first_time)
)
where not begun and message_time is not null
    and (before_closed is null or before_closed >= first_time - interval 2 second)
    and (not own or message_time >= first_time - interval 2 hour)
union all
select host, queue_id, first_time, message_time from continued where gains or message_time <> first_time;

select count(*) from adopted;
