-- The table `parted` says which messages ended before what was taken for theirs: that becomes a message without its first line, which
-- load_adopted.sql gives to the one that it is of. (Attempts known by the time that their delivery_id was made of, as in load_adopt.sql.)
create or replace temp table parted_attempts as
select a.attempt_id, a.recipient, p.host, p.queue_id, p.message_time, min(a.event_time) over (partition by p.host, p.queue_id, p.message_time) as first_time
from parted as p join attempt_rows as a using (host, queue_id)
where a.event_time > p.closed_time + interval 2 second and a.event_time > (select min(closed_time) from parted)
    and a.delivery_id = delivery(by_queue(p.host, p.queue_id, p.message_time), a.recipient);

update messages as m set closed_time = p.closed_time
from parted as p where m.host = p.host and m.queue_id = p.queue_id and m.first_time = p.message_time;

insert into messages by name
select host, queue_id, coalesce(first_time, stored_closed_time) as first_time, stored_closed_time as closed_time, false as begun, false as own
from parted left join (select distinct host, queue_id, message_time, first_time from parted_attempts) using (host, queue_id, message_time)
where coalesce(first_time, stored_closed_time) is not null;

-- What they were given of the other message.
update attempt_rows as a
set delivery_id = delivery(by_queue(n.host, n.queue_id, n.first_time), n.recipient),
    sender = null, message_id = null, size_bytes = null
from parted_attempts as n
where a.attempt_id = n.attempt_id and a.event_time >= (select min(first_time) from parted_attempts);

insert into block_addresses select lower(recipient) from parted_attempts;
