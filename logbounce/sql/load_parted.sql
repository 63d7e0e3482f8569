-- Messages that were still open and got what is of a later use of their queue id, for the log in between is read only now: it ends them
-- before what was stored does, or before it begins the later one. (Quarters of an hour: the zone of a source may have been corrected since
-- it was first read.)
create or replace temp table parted as
select c.host, c.queue_id, c.message_time, m.closed_time as stored_closed_time, c.closed_time
from continued as c join stored_messages as m on m.number = c.number
where not m.own  -- all that such a one got is `relayed` by now
    and case when m.closed_time is not null
        then m.closed_time > c.closed_time + interval 2 second and (epoch_us(m.closed_time) - epoch_us(c.closed_time)) % 900000000 <> 0
        else c.closed_time is not null and (c.host, c.queue_id) in (select (host, queue_id) from block_messages where use > 0 and begun) end;

select count(*) from parted;
