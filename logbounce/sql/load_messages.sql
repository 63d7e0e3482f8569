-- Which message each line is about. A message is host + queue id from its first line to its removal; queue ids are used again.

create or replace temp table message_lines as
select host, queue_id, use, pos, event_time, begins, closes, sender, message_id, size_bytes
from new_facts where kind <> 'own'
union all by name
select host, queue_id, use, pos, event_time, false as begins, false as closes
from new_attempts where message_key is null and queue_id is not null;

-- Queue ids that this block uses more than once: `use` counts from 0, or from 1 where the block has the first line.
-- What is logged within two seconds of the removal is a straggler, not a new message.
create or replace temp table uses as
select queue_id, pos, (sum(boundary::integer) over (partition by host, queue_id order by pos))::integer as use
from (
    select *, begins or coalesce(
        lag(closes) over by_queue_id and event_time > lag(event_time) over by_queue_id + interval 2 second, false) as boundary
    from message_lines
    where (host, queue_id) in (
        select (host, queue_id) from message_lines group by host, queue_id
        having count(*) filter (begins) > 1
            or min(pos) < min(pos) filter (begins)
            or max(event_time) > min(event_time) filter (closes) + interval 2 second)
    window by_queue_id as (partition by host, queue_id order by pos)
);

update message_lines as l set use = u.use from uses as u where u.pos = l.pos and u.queue_id = l.queue_id;
update new_attempts as a set use = u.use from uses as u where u.pos = a.pos and u.queue_id = a.queue_id;
update new_facts as f set use = u.use from uses as u where u.pos = f.pos and u.queue_id = f.queue_id;

-- "... notification: ID" says that ID is our own DSN. It is logged just before or after ID's own lines.
create or replace temp table told_own as
select distinct host, queue_id, event_time as told from new_facts where kind = 'own';

create or replace temp table block_messages as
select
    host, queue_id, use,
    min(event_time) as first_time,
    min(event_time) filter (closes) as closed_time,
    bool_or(begins) as begun,
    any_value(sender) as sender, any_value(message_id) as message_id, any_value(size_bytes) as size_bytes
from message_lines
group by all;

-- A message whose first line is not in this block is one that was still open; one that begins at the very time of a stored
-- one is that one, read again; and an own DSN may have been told of before it came.
create or replace temp table continued as
select b.host, b.queue_id, b.use, max(m.first_time) as first_time
from block_messages as b join messages as m using (host, queue_id)
where (m.closed_time is null or m.closed_time >= (select min(first_time) - interval 2 second from block_messages))
    and case
        when not b.begun then b.use = 0 and m.first_time <= b.first_time
            and (m.closed_time is null or m.closed_time >= b.first_time - interval 2 second)
        when m.begun then m.first_time = b.first_time
        else m.own and m.first_time >= b.first_time - interval 1 hour
    end
group by all;

update messages as m
set closed_time = coalesce(m.closed_time, b.closed_time), sender = coalesce(m.sender, b.sender), begun = m.begun or b.begun,
    message_id = coalesce(m.message_id, b.message_id), size_bytes = coalesce(m.size_bytes, b.size_bytes)
from continued as c join block_messages as b using (host, queue_id, use)
where m.host = c.host and m.queue_id = c.queue_id and m.first_time = c.first_time;

insert into messages by name
select
    b.host, b.queue_id, b.first_time, b.closed_time, b.sender, b.message_id, b.size_bytes, b.begun,
    exists (from told_own as o where o.host = b.host and o.queue_id = b.queue_id and abs(epoch(o.told) - epoch(b.first_time)) <= 3600) as own
from block_messages as b anti join continued using (host, queue_id, use);

-- What is told of a message that was stored before; and of one that is yet to come.
create or replace temp table late_own as
select m.host, m.queue_id, m.first_time, coalesce(m.closed_time, o.told + interval 1 hour) as last_time
from messages as m join told_own as o using (host, queue_id)
where not m.own and m.first_time between o.told - interval 1 hour and o.told + interval 1 hour;

update messages as m set own = true from late_own as o where m.host = o.host and m.queue_id = o.queue_id and m.first_time = o.first_time;

update attempt_rows as a set outcome = 'relayed', template_id = null
from late_own as o where a.host = o.host and a.queue_id = o.queue_id and a.event_time between o.first_time and o.last_time;

insert into messages by name
select host, queue_id, told as first_time, false as begun, true as own
from told_own as o
where not exists (from messages as m where m.own and m.host = o.host and m.queue_id = o.queue_id
    and m.first_time between o.told - interval 1 hour and o.told + interval 1 hour);

-- The message of each line as it is now known, from this block and from earlier ones.
create or replace temp table known_messages as
select b.host, b.queue_id, b.use, m.first_time as message_time, m.sender, m.message_id, m.size_bytes, m.own
from block_messages as b left join continued as c using (host, queue_id, use)
    join messages as m on m.host = b.host and m.queue_id = b.queue_id and m.first_time = coalesce(c.first_time, b.first_time);
