-- Which message each line is about. A message is host + queue id from its first line to its removal; queue ids are used again.

-- What says something of a message: facts, tries, and that it was given up. Only the queue manager is sure to have the name of
-- its Postfix instance (`manager`): a transport may have its own, and so may a cleanup(8), which logs the Message-ID.
create or replace temp macro about_messages() as table
    select host, queue_id, use, pos, event_time, coalesce(begins, false) as begins, coalesce(closes, false) as closes,
        lower_domain(sender) as sender, message_id, size_bytes, instance, case when not coalesce(begins, false) then instance end as manager
    from facts
    where queue_id is not null
        and getvariable('whole_lines')  -- of a line that is still being written, a Message-ID may be cut
    union all
    select host, queue_id, use, pos, event_time, false, false, lower_domain(sender), message_id, size_bytes, instance, case when kind = 'expiry' then instance end
    from events
    where queue_id is not null and message_key is null and kind in ('attempt', 'expiry');

create or replace temp macro messages_of_block() as table
    select
        host, queue_id, use,
        min(event_time) as first_time,
        min(event_time) filter (closes) as closed_time,
        bool_or(begins) as begun,
        any_value(sender) as sender, any_value(message_id) as message_id, any_value(size_bytes) as size_bytes,
        any_value(manager) as instance,
        any_value(manager) as meant,  -- the instance, also where no line of its queue manager says so (load_reused.sql)
        false as own,
        -- What is logged within two seconds of the removal is a straggler, not a new message.
        count(*) filter (begins) > 1 or min(pos) < min(pos) filter (begins)
            or max(event_time) > min(event_time) filter (closes) + interval 2 second
            or coalesce(min(manager) <> max(manager), false) as reused
    from about_messages()
    group by host, queue_id, use;

create or replace temp table block_messages as from messages_of_block();
