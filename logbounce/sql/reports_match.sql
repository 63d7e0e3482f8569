-- Reports meet the sends that they are about: by the queue id that the reporting server gave, else by Message-ID, and in both
-- cases the recipient. A report can be read before the log of its message, so those that found none are tried again.

create or replace temp table matches as
with

waiting as materialized (
    select report_id, event_time, lower(recipient) as recipient, lower(original_recipient) as original, x_queue_id, original_message_id
    from report_rows
    where (matched is null or matched in ('verp', 'trust') or attempt_id is null) and event_time >= getvariable('reports_since')
),

sends as materialized (
    select a.attempt_id, a.delivery_id, a.event_time, a.outcome, a.queue_id, a.message_id, lower(a.recipient) as recipient, lower(a.original_recipient) as original
    from attempt_rows as a
    where not a.asynchronous and a.outcome <> 'relayed'
        and (a.queue_id in (select x_queue_id from waiting) or a.message_id in (select original_message_id from waiting where original_message_id <> ''))
),

candidates as (
    select w.report_id, s.*, 'queue_id' as matched
    from waiting as w join sends as s on s.queue_id = w.x_queue_id
    where s.recipient in (w.recipient, w.original) or s.original in (w.recipient, w.original)
    union all
    select w.report_id, s.*, 'message_id'
    from waiting as w join sends as s on s.message_id = w.original_message_id
    where s.recipient in (w.recipient, w.original) or s.original in (w.recipient, w.original)
)

select
    report_id,
    max_by(matched, (matched = 'queue_id', event_time)) as matched,
    max_by(delivery_id, (matched = 'queue_id', event_time)) as delivery_id
from candidates
group by report_id;

-- What the log says of those messages and recipients: the failure itself, if it knows of it.
create or replace temp table told as
select
    delivery_id,
    min(event_time) filter (not asynchronous) as sent_time,
    max_by(attempt_id, event_time) filter (outcome in ('bounced', 'expired') and not asynchronous) as failed_id,
    bool_or(outcome in ('delivered')) as delivered
from attempt_rows
where delivery_id in (select delivery_id from matches)
group by delivery_id;

-- A row that was made of a report which turns out to be about what a log tells of gives way to it.
delete from attempt_rows
where attempt_id in (select r.report_id from report_rows as r join matches using (report_id) where r.made_attempt);

update report_rows as r
set matched = m.matched, delivery_id = m.delivery_id, sent_time = t.sent_time, attempt_id = t.failed_id, made_attempt = false
from matches as m join told as t using (delivery_id)
where r.report_id = m.report_id;

-- Without a log, our own signature proves it; or the settings say that everything in this mailbox is to be believed.
update report_rows
set matched = case when verp = 'good' then 'verp' else 'trust' end,
    delivery_id = md5_number_lower(concat_ws(chr(31), coalesce(original_message_id, sha256), lower(recipient)))
where matched is null and recipient is not null and (verp = 'good' or trusted) and event_time >= getvariable('reports_since');
