-- A first line that stands there twice (files put together that overlap) begins one message.
delete from facts where rowid in (
    select f.rowid from facts as f semi join (from block_messages where reused) using (host, queue_id)
    qualify row_number() over (partition by f.host, f.queue_id, f.event_time, f.begins, f.closes, f.sender order by f.pos) > 1
);
delete from events where rowid in (
    select e.rowid from events as e semi join (from block_messages where reused) using (host, queue_id)
    where e.kind = 'expiry'
    qualify row_number() over (partition by e.host, e.queue_id, e.event_time order by e.pos) > 1
);

-- Queue ids that this block uses more than once: `use` counts from 0, or from 1 where the block has the first line.
create or replace temp table uses as
select distinct host, queue_id, pos, (sum(boundary::integer) over (partition by host, queue_id order by pos))::integer as use
from (
    select *, begins and event_time is distinct from last_value(case when begins then event_time end ignore nulls) over before or coalesce(
        lag(closes) over by_queue_id and event_time > lag(event_time) over by_queue_id + interval 2 second, false) as boundary
    from about_messages() semi join (from block_messages where reused) using (host, queue_id)
    window by_queue_id as (partition by host, queue_id order by pos), before as (by_queue_id rows between unbounded preceding and 1 preceding)
);
update facts as f set use = u.use from uses as u where f.host = u.host and f.queue_id = u.queue_id and f.pos = u.pos;
update events as e set use = u.use from uses as u where e.host = u.host and e.queue_id = u.queue_id and e.pos = u.pos;

create or replace temp table reused as from messages_of_block() semi join (from block_messages where reused) using (host, queue_id);
delete from block_messages where reused;
insert into block_messages from reused;
