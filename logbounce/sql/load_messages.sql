-- Messages of this block meet those of earlier ones.

-- A message whose first line is not in this block is one that was still open; one that begins at the very time of a stored
-- one is that one, read again, or the beginning of what was read from its middle (stamps may be of whole seconds); and an own
-- DSN may have been told of before it came.
-- Of several that it may be, it is the newest of its instance, or of which no instance is known. Where there is none such, the
-- instance may have got another name.
create or replace temp table continued as
from (
    select
        b.host, b.queue_id, b.use, m.number, m.first_time,
        case when b.begun then b.first_time else m.first_time end as message_time,
        m.sender is null and b.sender is not null or m.message_id is null and b.message_id is not null
            or m.size_bytes is null and b.size_bytes is not null as gains,
        b.closed_time, coalesce(2 * (b.meant = m.instance)::integer, 1) as named
    from block_messages as b join stored_messages as m using (host, queue_id)
    where case
            when not b.begun then b.use % 1000000 = 0 and m.first_time <= b.first_time
                and (m.closed_time is null or m.closed_time >= b.first_time - interval 2 second)
            when named = 0 then false
            when m.begun or m.first_time = b.first_time then m.first_time = b.first_time
            else m.own and m.first_time between b.first_time - interval 1 hour and b.first_time + interval 1 hour
        end
    qualify row_number() over (partition by b.host, b.queue_id, b.use order by named desc, m.first_time desc) = 1
)
qualify named > 0 or row_number() over (partition by number order by named desc, use) = 1;

update messages as m
set first_time = c.message_time, closed_time = coalesce(m.closed_time, b.closed_time), sender = coalesce(m.sender, b.sender), begun = m.begun or b.begun,
    message_id = coalesce(m.message_id, b.message_id), size_bytes = coalesce(m.size_bytes, b.size_bytes), instance = coalesce(m.instance, b.instance)
from continued as c join block_messages as b using (host, queue_id, use)
where m.rowid = c.number
    and (c.gains or c.message_time <> c.first_time or m.closed_time is null and b.closed_time is not null or b.begun and not m.begun
        or m.instance is null and b.instance is not null);

insert into messages by name
select host, queue_id, first_time, closed_time, sender, message_id, size_bytes, begun, own, instance
from block_messages anti join continued using (host, queue_id, use);

-- The message of each line as it is now known, from this block and from earlier ones.
create or replace temp table known_messages as
select b.host, b.queue_id, b.use, coalesce(c.message_time, b.first_time) as message_time,
    coalesce(m.sender, b.sender) as sender, coalesce(m.message_id, b.message_id) as message_id, coalesce(m.size_bytes, b.size_bytes) as size_bytes,
    coalesce(m.own, b.own) as own
from block_messages as b left join continued as c using (host, queue_id, use) left join stored_messages as m on m.number = c.number;
