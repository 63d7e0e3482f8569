-- Given up. Exim, PowerMTA and KumoMTA name the recipient; Postfix, and an administrator of Exim, name the message, and mean
-- each recipient that is still deferred. Either way the row keeps what the last real try said.

-- (In this order: to look up the few among the many, DuckDB makes a hash table of what stands behind JOIN.)
create or replace temp table given_up as
with told as materialized (select line_id, host, queue_id, use, event_time, pos from events where kind = 'expiry')
select
    f.line_id, f.host, f.queue_id, f.event_time, f.pos, k.message_time
from known_messages as k join told as f using (host, queue_id, use)
qualify row_number() over (partition by f.line_id order by f.pos) = 1;

create or replace temp table ended as
select
    attempt_id, delivery_id, event_time, source_offset, mta,
    -- PowerMTA and KumoMTA log no arrival: their messages came before they waited so long, or within the 30 days that nobody keeps mail for.
    case when message_time < event_time then message_time
        else event_time - to_seconds(greatest(0, least(coalesce(delay_seconds, 2592000), 2592000))) end as message_time
from block_attempts where outcome = 'expired'
union all by name
select
    md5_number_lower(concat(g.line_id, ':', a.delivery_id)) as attempt_id, a.delivery_id, g.event_time, g.pos as source_offset, g.message_time, a.mta
from given_up as g join attempt_rows as a
    on a.host = g.host and a.queue_id = g.queue_id and a.event_time between g.message_time and g.event_time
        and a.delivery_id = delivery(by_queue(g.host, g.queue_id, g.message_time), a.recipient)
group by all
having max_by(a.outcome, (a.event_time, a.source_offset)) = 'deferred';

-- (Two days: the zone of a source may have been corrected since it was first read.)
delete from ended where attempt_id in (
    select attempt_id from attempt_rows
    where outcome = 'expired' and attempt_id in (select attempt_id from ended)
        and event_time between (select min(event_time) - interval 2 day from ended) and (select max(event_time) + interval 2 day from ended)
);

create or replace temp table last_tries as
select e.attempt_id, max_by(a.rowid, (not a.suspended, a.event_time, a.source_offset)) as number
from ended as e join attempt_rows as a on a.delivery_id = e.delivery_id and a.event_time <= e.event_time
where a.outcome in ('deferred', 'bounced') and a.event_time >= (select min(message_time) from ended)
group by e.attempt_id;

insert into attempt_rows by name
select
    e.attempt_id, e.delivery_id, e.event_time, e.source_offset,
    coalesce(l.mta, o.mta) as mta, coalesce(l.host, o.host) as host,
    coalesce(l.instance, o.instance) as instance, coalesce(l.queue_id, o.queue_id) as queue_id,
    coalesce(l.message_id, o.message_id) as message_id, coalesce(l.sender, o.sender) as sender,
    coalesce(o.recipient, l.recipient) as recipient, coalesce(o.original_recipient, l.original_recipient) as original_recipient,
    coalesce(o.recipient_domain, l.recipient_domain) as recipient_domain,
    coalesce(l.provider, o.provider) as provider, coalesce(l.source_ip, o.source_ip) as source_ip,
    coalesce(l.relay_host, o.relay_host) as relay_host, coalesce(l.relay_ip, o.relay_ip) as relay_ip,
    'expired' as outcome,
    coalesce(l.smtp_code, o.smtp_code) as smtp_code, coalesce(l.enhanced_status, o.enhanced_status) as enhanced_status,
    coalesce(l.smtp_stage, o.smtp_stage) as smtp_stage, coalesce(l.response, o.response) as response,
    coalesce(l.template_id, o.template_id) as template_id,
    coalesce(o.delay_seconds, epoch(e.event_time) - epoch(l.event_time) + l.delay_seconds) as delay_seconds,
    coalesce(l.size_bytes, o.size_bytes) as size_bytes, coalesce(l.tls, o.tls) as tls,
    coalesce(l.job_id, o.job_id) as job_id, coalesce(l.pool, o.pool) as pool,
    coalesce(l.mta_category, o.mta_category) as mta_category,
    false as asynchronous, false as suspended, getvariable('source_name') as source_name
from ended as e
    left join last_tries as t using (attempt_id)
    left join attempt_rows as l on l.rowid = t.number
    left join (from block_attempts where outcome = 'expired') as o using (attempt_id)
where coalesce(o.recipient, l.recipient) is not null;

insert into block_addresses select lower(recipient) from attempt_rows semi join ended using (attempt_id, event_time) where outcome = 'expired';
