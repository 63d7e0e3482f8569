-- A later report that does not say which message it is about (PowerMTA rb without a Message-Id, KumoMTA OOB) is about the
-- latest delivery to its recipient from its sender: bounces go to the sender of what bounced (RFC 5321 section 4.5.5).
update block_attempts as a
set delivery_id = d.delivery_id, message_time = d.message_time, message_id = coalesce(a.message_id, d.message_id)
from (
    select
        r.attempt_id, max_by(s.delivery_id, s.event_time) as delivery_id, max(s.event_time) as message_time,
        max_by(s.message_id, s.event_time) as message_id
    from block_attempts as r join (
        select mta, sender, recipient, delivery_id, event_time, message_id from attempt_rows where outcome = 'delivered'
        union all
        select mta, sender, recipient, delivery_id, event_time, message_id from block_attempts where outcome = 'delivered'
    ) as s on s.mta = r.mta and lower(s.recipient) = lower(r.recipient) and s.event_time <= r.event_time
        and (r.sender is null or s.sender = r.sender)
    where r.asynchronous
    group by r.attempt_id
    having not bool_or(s.delivery_id = r.delivery_id)
) as d
where a.attempt_id = d.attempt_id;
