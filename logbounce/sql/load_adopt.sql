-- The table `adopted` says which messages turned out to be parts of others, or to have begun, or of whom more is known now.

update messages as m
set closed_time = coalesce(m.closed_time, r.closed_time), sender = coalesce(m.sender, r.sender), own = m.own or r.own,
    message_id = coalesce(m.message_id, r.message_id), size_bytes = coalesce(m.size_bytes, r.size_bytes), instance = coalesce(m.instance, r.instance)
from adopted as d join messages as r using (host, queue_id, first_time)
where m.host = d.host and m.queue_id = d.queue_id and m.first_time = d.message_time and d.message_time < d.first_time;

delete from messages as m using adopted as d
where m.host = d.host and m.queue_id = d.queue_id and m.first_time = d.first_time and d.message_time < d.first_time;

-- Their attempts, known by the time that their delivery_id was made of.
create or replace temp table adopted_attempts as
select
    a.attempt_id, a.recipient,
    delivery(by_queue(a.host, a.queue_id, m.first_time), a.recipient) as delivery_id,
    coalesce(a.sender, m.sender) as sender, coalesce(a.message_id, m.message_id) as message_id,
    coalesce(a.size_bytes, m.size_bytes) as size_bytes, m.own
from adopted as d
    join messages as m on m.host = d.host and m.queue_id = d.queue_id and m.first_time = d.message_time
    join attempt_rows as a on a.host = d.host and a.queue_id = d.queue_id
where a.event_time >= (select min(first_time) from adopted)
    and a.delivery_id = delivery(by_queue(d.host, d.queue_id, d.first_time), a.recipient);

update attempt_rows as a
set delivery_id = n.delivery_id, sender = n.sender, message_id = n.message_id, size_bytes = n.size_bytes,
    outcome = case when n.own then 'relayed' else a.outcome end, template_id = case when not n.own then a.template_id end
from adopted_attempts as n
where a.attempt_id = n.attempt_id and a.event_time >= (select min(first_time) from adopted);

-- Nor was it known by its Message-ID that the next host is one of ours (as in load_attempts.sql).
update attempt_rows as a set outcome = 'relayed'
from adopted_attempts as n join messages as m using (message_id)
where a.attempt_id = n.attempt_id and a.event_time >= (select min(first_time) from adopted)
    and a.outcome = 'delivered' and contains(a.response, 'queued as ') and n.message_id <> ''
    and m.queue_id = named_next(a.response) and m.queue_id <> a.queue_id
    and came_next(m.first_time, a.event_time) and m.first_time >= (select min(first_time) - interval 1 hour from adopted);

-- This block's attempts are about to meet the message as it is now.
update known_messages as k
set sender = coalesce(k.sender, m.sender), message_id = coalesce(k.message_id, m.message_id),
    size_bytes = coalesce(k.size_bytes, m.size_bytes), own = k.own or m.own
from adopted as d join messages as m on m.host = d.host and m.queue_id = d.queue_id and m.first_time = d.message_time
where k.host = d.host and k.queue_id = d.queue_id and k.message_time = d.message_time;

insert into block_addresses select lower(recipient) from adopted_attempts;
