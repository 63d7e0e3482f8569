-- Messages that were still open and got what is of a later use of their queue id, for the log in between is read only now: it ends them
-- before what was stored does, or before it begins the later one. (Quarters of an hour: the zone of a source may have been corrected since
-- it was first read.)
create or replace temp table parted as
select c.host, c.queue_id, c.message_time, m.closed_time as stored_closed_time, b.closed_time
from continued as c join block_messages as b using (host, queue_id, use) join stored_messages as m on m.number = c.number
where not m.own  -- all that such a one got is `relayed` by now
    and case when m.closed_time is not null then m.closed_time > b.closed_time + interval 2 second and (epoch_us(m.closed_time) - epoch_us(b.closed_time)) % 900000000 <> 0
        else b.closed_time is not null and exists (
            from block_messages as n where n.host = b.host and n.queue_id = b.queue_id and n.begun and n.first_time > b.closed_time) end;

select count(*) from parted;
