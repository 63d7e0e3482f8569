-- Where a message of another instance is open, or messages of several are, it is to be told which of them each line is of.
update block_messages as b set reused = true
from (
    select host, queue_id, min(instance) as instance, max(instance) as other from stored_messages
    where closed_time is null group by host, queue_id
) as m
where b.host = m.host and b.queue_id = m.queue_id and (m.instance <> m.other or m.instance <> b.instance);
