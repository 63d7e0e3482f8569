-- Messages of this block meet those of earlier ones.

-- A message whose first line is not in this block is one that was still open; one that begins at the very time of a stored
-- one is that one, read again; and an own DSN may have been told of before it came.
create or replace temp table continued as
select
    b.host, b.queue_id, b.use, max(m.first_time) as first_time,
    max(case when b.begun then b.first_time else m.first_time end) as message_time,
    max_by(m.sender is null and b.sender is not null or m.message_id is null and b.message_id is not null
        or m.size_bytes is null and b.size_bytes is not null, m.first_time) as gains
from block_messages as b join messages as m using (host, queue_id)
where (m.closed_time is null or m.closed_time >= (select min(first_time) - interval 2 second from block_messages))
    and case
        when not b.begun then b.use = 0 and m.first_time <= b.first_time
            and (m.closed_time is null or m.closed_time >= b.first_time - interval 2 second)
        when m.begun then m.first_time = b.first_time
        else m.own and m.first_time between b.first_time - interval 1 hour and b.first_time + interval 1 hour
    end
group by all;

update messages as m
set first_time = c.message_time, closed_time = coalesce(m.closed_time, b.closed_time), sender = coalesce(m.sender, b.sender), begun = m.begun or b.begun,
    message_id = coalesce(m.message_id, b.message_id), size_bytes = coalesce(m.size_bytes, b.size_bytes)
from continued as c join block_messages as b using (host, queue_id, use)
where m.host = c.host and m.queue_id = c.queue_id and m.first_time = c.first_time;

-- "... notification: ID" says that ID is our own DSN: the message of that queue id that began nearest to it, and was not long gone.
create or replace temp macro may_be_told(told, first_time, closed_time) as
    first_time between told - interval 1 hour and told + interval 1 hour and (closed_time is null or closed_time >= told - interval 1 minute);

create or replace temp table told_own as
select distinct host, queue_id, event_time as told from events where kind = 'own' and getvariable('whole_lines');

create or replace temp table own_messages as
select distinct host, queue_id, arg_min(use, abs(epoch(told) - epoch(first_time))) as use
from told_own join block_messages using (host, queue_id)
where may_be_told(told, first_time, closed_time)
group by host, queue_id, told;

insert into messages by name
select b.host, b.queue_id, b.first_time, b.closed_time, b.sender, b.message_id, b.size_bytes, b.begun, o.use is not null as own
from block_messages as b anti join continued using (host, queue_id, use) left join own_messages as o using (host, queue_id, use);

-- What is told of a message that was stored before; and of one that is yet to come.
create or replace temp table late_own as
select m.host, m.queue_id, m.first_time, coalesce(m.closed_time, o.told + interval 1 hour) as last_time
from told_own as o join messages as m using (host, queue_id)
where may_be_told(o.told, m.first_time, m.closed_time)
qualify row_number() over (partition by o.host, o.queue_id, o.told order by abs(epoch(o.told) - epoch(m.first_time))) = 1 and not m.own;

update messages as m set own = true from late_own as o where m.host = o.host and m.queue_id = o.queue_id and m.first_time = o.first_time;

update attempt_rows as a set outcome = 'relayed', template_id = null
from late_own as o where a.host = o.host and a.queue_id = o.queue_id and a.event_time between o.first_time and o.last_time;

insert into messages by name
select host, queue_id, told as first_time, false as begun, true as own
from told_own as o
where not exists (from messages as m where m.own and m.host = o.host and m.queue_id = o.queue_id
    and may_be_told(o.told, m.first_time, m.closed_time));

-- The message of each line as it is now known, from this block and from earlier ones.
create or replace temp table known_messages as
select b.host, b.queue_id, b.use, m.first_time as message_time, m.sender, m.message_id, m.size_bytes, m.own
from block_messages as b left join continued as c using (host, queue_id, use)
    join messages as m on m.host = b.host and m.queue_id = b.queue_id and m.first_time = coalesce(c.message_time, b.first_time);
