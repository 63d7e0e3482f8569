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
-- Two instances on one host can use the same id at the same time: then the instance of the same name is meant, else that of the
-- queue manager's line before, which may be stored; each counts in a million of its own.
create or replace temp table uses as
with lines as materialized (
    from about_messages() semi join (from block_messages where reused) using (host, queue_id)
),
still_open as (
    select host, queue_id, instance as manager, first_time from stored_messages where closed_time is null and instance is not null
),
managers as (
    select host, queue_id, manager, 1000000 * (row_number() over (partition by host, queue_id order by min(pos), manager) - 1) as beginning
    from (select host, queue_id, manager, pos from lines union all select host, queue_id, manager, -1 from still_open)
    where manager is not null group by host, queue_id, manager
),
newest as (select host, queue_id, arg_max(manager, first_time) as manager from still_open group by host, queue_id),
managed as (
    select l.* exclude (manager), coalesce(
        m.manager, last_value(l.manager ignore nulls) over by_queue_id, n.manager, first_value(l.manager ignore nulls) over all_of_queue_id) as manager
    from lines as l
        left join managers as m on m.host = l.host and m.queue_id = l.queue_id and m.manager = l.instance
        left join newest as n on n.host = l.host and n.queue_id = l.queue_id
    window by_queue_id as (partition by l.host, l.queue_id order by l.pos), all_of_queue_id as (by_queue_id rows between unbounded preceding and unbounded following)
)
select distinct
    host, queue_id, pos, manager,
    (coalesce(beginning, 0) + sum(boundary::integer) over (partition by host, queue_id, manager order by pos))::integer as use
from (
    select *, begins and event_time is distinct from last_value(case when begins then event_time end ignore nulls) over before or coalesce(
        lag(closes) over by_queue_id and event_time > lag(event_time) over by_queue_id + interval 2 second, false) as boundary
    from managed
    window by_queue_id as (partition by host, queue_id, manager order by pos), before as (by_queue_id rows between unbounded preceding and 1 preceding)
) left join managers using (host, queue_id, manager);
update facts as f set use = u.use from uses as u where f.host = u.host and f.queue_id = u.queue_id and f.pos = u.pos;
update events as e set use = u.use from uses as u where e.host = u.host and e.queue_id = u.queue_id and e.pos = u.pos;

create or replace temp table reused as
select m.* replace (u.manager as meant)
from (from messages_of_block() semi join (from block_messages where reused) using (host, queue_id)) as m
    left join (select distinct host, queue_id, use, manager from uses) as u using (host, queue_id, use);
delete from block_messages where reused;
insert into block_messages from reused;
