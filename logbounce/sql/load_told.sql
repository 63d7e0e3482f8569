-- Our own DSNs of which the block tells, and which of its messages they are.
create or replace temp table told_own as
select distinct host, queue_id, event_time as told from events where kind = 'own' and getvariable('whole_lines');

update block_messages as b set own = true
from (
    select distinct host, queue_id, arg_min(use, abs(epoch(told) - epoch(first_time))) as use
    from told_own join block_messages using (host, queue_id)
    where may_be_told(told, first_time, closed_time)
    group by host, queue_id, told
) as o
where b.host = o.host and b.queue_id = o.queue_id and b.use = o.use;
