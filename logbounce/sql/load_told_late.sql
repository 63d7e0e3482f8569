-- What is told of a message that was stored before; and of one that is yet to come.
set variable told_from = (select min(told) - interval 1 hour from told_own);
set variable told_to = (select max(told) + interval 1 hour from told_own);

create or replace temp table near_own as
select rowid as number, * from messages semi join told_own using (host, queue_id)
where first_time between getvariable('told_from') and getvariable('told_to');  -- as may_be_told() says

create or replace temp table late_own as
select m.number, m.host, m.queue_id, m.first_time, coalesce(m.closed_time, o.told + interval 1 hour) as last_time
from told_own as o join near_own as m using (host, queue_id)
where may_be_told(o.told, m.first_time, m.closed_time)
qualify row_number() over (partition by o.host, o.queue_id, o.told order by abs(epoch(o.told) - epoch(m.first_time))) = 1 and not m.own;

update messages as m set own = true from late_own as o where m.rowid = o.number;

update known_messages as k set own = true from late_own as o
where k.host = o.host and k.queue_id = o.queue_id and k.message_time = o.first_time;

update attempt_rows as a set outcome = 'relayed', template_id = null
from late_own as o where a.host = o.host and a.queue_id = o.queue_id and a.event_time between o.first_time and o.last_time;

insert into messages by name
select host, queue_id, told as first_time, false as begun, true as own
from told_own as o
where not exists (from near_own as m where (m.own or m.number in (select number from late_own)) and m.host = o.host and m.queue_id = o.queue_id
    and may_be_told(o.told, m.first_time, m.closed_time));
