-- A first line that stands there twice (files put together that overlap) begins one message.
delete from events where rowid in (
    select e.rowid from events as e semi join (from block_messages where reused) using (host, queue_id)
    where e.kind in ('message', 'expiry')
    qualify row_number() over (partition by e.kind, e.host, e.queue_id, e.event_time, e.begins, e.closes, e.sender order by e.pos) > 1
);

-- Queue ids that this block uses more than once: `use` counts from 0, or from 1 where the block has the first line.
update events as e set use = u.use
from (
    select number, (sum(boundary::integer) over (partition by host, queue_id order by pos))::integer as use
    from (
        select *, begins and event_time is distinct from last_value(case when begins then event_time end ignore nulls) over before or coalesce(
            lag(closes) over by_queue_id and event_time > lag(event_time) over by_queue_id + interval 2 second, false) as boundary
        from about_messages() semi join (from block_messages where reused) using (host, queue_id)
        window by_queue_id as (partition by host, queue_id order by pos), before as (by_queue_id rows between unbounded preceding and 1 preceding)
    )
) as u
where e.rowid = u.number;

create or replace temp table reused as from messages_of_block() semi join (from block_messages where reused) using (host, queue_id);
delete from block_messages where reused;
insert into block_messages from reused;
