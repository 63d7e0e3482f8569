-- Which send each later report (PowerMTA rb, KumoMTA OOB) is about: those of this block, and those that were read before the sends
-- that this block tells of. A report that names its message (Message-Id) shares the send's delivery_id. One that does not is about
-- the latest delivery to its recipient from its sender, for bounces go to the sender of what bounced (RFC 5321 section 4.5.5), and
-- with its envelope id and job, where it has them. What it names and is not stored is none of the others.
create or replace temp table reported_sends as
with reports as materialized (
    select attempt_id, delivery_id, mta, sender, lower(recipient) as address, event_time, message_id, envelope_id, job_id
    from attempt_rows
    where asynchronous and event_time >= getvariable('block_first')
        and lower(recipient) in (select lower(recipient) from block_attempts)
),
sends as materialized (
    select rowid as number, attempt_id, delivery_id, mta, sender, lower(recipient) as address, event_time, outcome, envelope_id, job_id
    from attempt_rows
    where not asynchronous and lower(recipient) in (select address from reports)
),
named as (
    select r.attempt_id, max_by(s.number, s.event_time) as number
    from reports as r join sends as s using (delivery_id)
    group by r.attempt_id
)
from named
union all
select r.attempt_id, max_by(s.number, s.event_time) as number
from (from reports anti join named using (attempt_id)) as r join sends as s on s.mta = r.mta and s.address = r.address
where s.outcome = 'delivered' and s.event_time <= r.event_time
    and r.message_id is null
    and (r.sender is null or s.sender = r.sender)
    and (r.envelope_id is null or s.envelope_id = r.envelope_id)
    and (r.job_id is null or s.job_id = r.job_id)
group by r.attempt_id;

-- A report does not say by which way the message had gone.
update attempt_rows as r
set delivery_id = s.delivery_id, message_id = coalesce(r.message_id, s.message_id), sender = coalesce(r.sender, s.sender),
    queue_id = coalesce(r.queue_id, s.queue_id), instance = coalesce(r.instance, s.instance), source_ip = coalesce(r.source_ip, s.source_ip),
    provider = case when r.provider = r.recipient_domain then s.provider else r.provider end,
    relay_ip = coalesce(r.relay_ip, case when r.relay_host is null then s.relay_ip end), relay_host = coalesce(r.relay_host, s.relay_host),
    pool = coalesce(r.pool, s.pool), job_id = coalesce(r.job_id, s.job_id), size_bytes = coalesce(r.size_bytes, s.size_bytes)
from reported_sends as t join attempt_rows as s on s.rowid = t.number
where r.attempt_id = t.attempt_id and r.asynchronous and r.event_time >= getvariable('block_first');

insert into block_addresses
select lower(recipient) from attempt_rows
where attempt_id in (select attempt_id from reported_sends) and asynchronous and event_time >= getvariable('block_first');
