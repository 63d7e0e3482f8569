-- Reports meet the sends that they are about: by the queue id that the reporting server gave, else by the envelope id that was
-- given to it (RFC 3461 section 4.4), else by Message-ID, and in each case the recipient. Either may be read first, so what no log has explained yet is tried again, for as long as it may come.

-- The recipient itself, the one that was given before an alias, or an alias that both name.
create or replace temp macro nearness(s, w) as case when s.recipient = w.recipient then 2 when s.recipient = w.original then 1 else 0 end;

-- Strangers' reports name nobody's messages, by the thousand and in as many words as they like: they are looked at by numbers only.
create or replace temp macro number_of(id) as if(id <> '', hash(id), null);

create or replace temp table unsettled as
select
    report_id, event_time, number_of(x_queue_id) as queue_number, number_of(original_envelope_id) as envelope_number,
    number_of(original_message_id) as message_number
from report_rows
where read_at >= getvariable('reports_since') and not coalesce(
    matched in ('queue_id', 'envelope_id', 'message_id') and attempt_id is not null
        and attempt_id not in (select report_id from report_rows where made_attempt),
    false
);

set variable sends_since = (select min(event_time) from unsettled) - to_days(getvariable('reports_days'));

create or replace temp table sends as
select
    delivery_id, event_time, outcome in ('bounced', 'expired') as failed, queue_id, message_id, envelope_id,
    lower(split_part(host, '.', 1)) as host,
    lower(recipient) as recipient, lower(original_recipient) as original
from attempt_rows
where event_time >= getvariable('sends_since') and not asynchronous and outcome <> 'relayed'
    and (number_of(queue_id) in (select queue_number from unsettled) or number_of(envelope_id) in (select envelope_number from unsettled)
        or number_of(message_id) in (select message_number from unsettled));

create or replace temp table waiting as
select
    report_id, event_time, kind, lower(recipient) as recipient,
    -- A bounce is booked on the send that it is about, whichever of its two names it has. A complaint is about whom it names, and a
    -- signature about whom it has inside: neither is proved by the send to another whom the same report names beside that one.
    if(kind = 'feedback' or verp = 'good', null, lower(original_recipient)) as original, x_queue_id,
    nullif(original_message_id, '') as message_id, nullif(original_envelope_id, '') as envelope_id, lower(split_part(reporting_mta, '.', 1)) as reporter,
    delivery_id, made_attempt
from report_rows
where report_id in (
    select report_id from unsettled
    where queue_number in (select number_of(queue_id) from sends) or envelope_number in (select number_of(envelope_id) from sends)
        or message_number in (select number_of(message_id) from sends)
);

create or replace temp table matches as
with
candidates as (
    -- A queue id is given again, by other servers and later: what else both know has to agree.
    select w.report_id, w.kind, s.*, 3 as way, s.event_time <= w.event_time + interval 1 hour as before, nearness(s, w) as near
    from waiting as w join sends as s on s.queue_id = w.x_queue_id
    where (s.recipient in (w.recipient, w.original) or s.original in (w.recipient, w.original))
        and coalesce(s.message_id = w.message_id, s.host = w.reporter, true)
    union all
    select w.report_id, w.kind, s.*, 2, s.event_time <= w.event_time + interval 1 hour, nearness(s, w)
    from waiting as w join sends as s on s.envelope_id = w.envelope_id
    where s.recipient in (w.recipient, w.original) or s.original in (w.recipient, w.original)
    union all
    select w.report_id, w.kind, s.*, 1, s.event_time <= w.event_time + interval 1 hour, nearness(s, w)
    from waiting as w join sends as s on s.message_id = w.message_id
    where s.recipient in (w.recipient, w.original) or s.original in (w.recipient, w.original)
    union all
    -- A complaint from which the recipient was taken out: no doubt whose it is where the message had one.
    select w.report_id, w.kind, s.*, 1, s.event_time <= w.event_time + interval 1 hour, 2
    from waiting as w join sends as s on s.message_id = w.message_id
    where w.kind = 'feedback' and w.recipient is null
    qualify count(distinct s.recipient) over (partition by w.report_id) = 1
)
select
    report_id,
    max_by(['message_id', 'envelope_id', 'queue_id'][way], (near, way, before, failed, event_time)) as matched,
    max_by(delivery_id, (near, way, before, failed, event_time)) as delivery_id
from (
    -- By an alias alone, only what failed, or where it stands for one address: a list has members that are well. Who complains is
    -- none of those to whom it did not come.
    from candidates qualify near > 0 or (failed and kind <> 'feedback') or count(distinct recipient) filter (near = 0) over (partition by report_id) = 1
)
group by report_id;

-- What the log says of those messages and recipients: whom the message went to, and the failure itself, if it knows of it.
create or replace temp table told as
select
    delivery_id,
    min(event_time) filter (not asynchronous) as sent_time,
    max_by(recipient, event_time) filter (not asynchronous) as recipient,
    max_by(sender, event_time) filter (not asynchronous) as sender,
    max_by(message_id, event_time) filter (not asynchronous) as message_id,
    max_by(attempt_id, (not asynchronous, event_time)) filter (outcome in ('bounced', 'expired')) as failed_id
from attempt_rows
where delivery_id in (select delivery_id from matches)
    and attempt_id not in (select report_id from report_rows where made_attempt)
group by delivery_id;

-- A row that was made of a report gives way to what a log tells of the same failure, or of another send.
create or replace temp table giving_way as
select w.report_id, if(w.kind = 'bounce', t.failed_id, null) as failed_id
from waiting as w join matches as m using (report_id) join told as t on t.delivery_id = m.delivery_id
where w.made_attempt and (t.failed_id is not null or m.delivery_id <> w.delivery_id);

delete from attempt_rows where attempt_id in (select report_id from giving_way);
update report_rows set attempt_id = null where attempt_id in (select report_id from giving_way);
update report_rows set made_attempt = false where report_id in (select report_id from giving_way);
update suppression_ledger as s set evidence = n.evidence
from (
    select number, list(coalesce(g.failed_id, evidence_id) order by place) as evidence
    from (
        select number, unnest(evidence) as evidence_id, generate_subscripts(evidence, 1) as place
        from suppression_ledger where list_has_any(evidence, (select list(report_id) from giving_way))
    ) left join giving_way as g on g.report_id = evidence_id
    group by number
) as n
where s.number = n.number;

update report_rows as r
set matched = m.matched, delivery_id = m.delivery_id, sent_time = t.sent_time, recipient = coalesce(r.recipient, t.recipient),
    attempt_id = if(r.kind = 'bounce', coalesce(t.failed_id, r.attempt_id), null)
from matches as m join told as t using (delivery_id)
where r.report_id = m.report_id
    and (r.matched is distinct from m.matched or r.delivery_id is distinct from m.delivery_id or r.sent_time is distinct from t.sent_time
        or r.kind = 'bounce' and t.failed_id is not null and r.attempt_id is distinct from t.failed_id);

-- Without a log, our own signature proves it; or the settings say that everything in this mailbox is to be believed. A signature
-- is good for one failure, whatever the message around it says: who has seen one could send it back for ever.
update report_rows
set matched = case when verp = 'good' then 'verp' else 'trust' end,
    delivery_id = case
        when verp = 'good' then md5_number_lower(concat_ws(chr(31), 'verp', verp_expires, lower(recipient), coalesce(left(status, 1), '5')))
        else md5_number_lower(concat_ws(chr(31), coalesce(nullif(original_message_id, ''), sha256), lower(recipient)))
    end
where matched is null and recipient is not null and (verp = 'good' or trusted);
