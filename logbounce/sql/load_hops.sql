-- Hops that were stored before the log of the next host was read: a delivery of theirs names a message that begins in this block. (Of the
-- block's own attempts, which are not stored yet, load_attempts.sql says the same.)
set variable sent_from = (select min(first_time) - interval 10 minute from block_messages where begun);  -- as came_next() says
set variable sent_to = (select max(first_time) + interval 1 hour from block_messages where begun);

create or replace temp table hops as
select distinct a.rowid as number, lower(a.recipient) as address
from attempt_rows as a join block_messages as m on m.message_id = a.message_id and m.queue_id = named_next(a.response)
where a.event_time between getvariable('sent_from') and getvariable('sent_to')
    and a.outcome = 'delivered' and contains(a.response, 'queued as ') and a.message_id <> ''
    and m.begun and m.queue_id <> a.queue_id and came_next(m.first_time, a.event_time);

select count(*) from hops;
