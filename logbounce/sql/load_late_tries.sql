-- Tries that are read after what gave their message up, in an older file: that row is to keep what the last real one said, as
-- load_expired.sql has it.
create or replace temp table late_tries as
select e.attempt_id, max_by(a.rowid, (a.event_time, a.source_offset)) as number
from attempt_rows as e join attempt_rows as a on a.delivery_id = e.delivery_id and a.event_time <= e.event_time
where e.outcome = 'expired' and e.event_time >= getvariable('block_first')
    and e.delivery_id in (select delivery_id from block_attempts where outcome in ('deferred', 'bounced'))
    and a.outcome in ('deferred', 'bounced') and not a.suspended and a.event_time >= getvariable('block_first')
group by e.attempt_id;

update attempt_rows as e
set instance = coalesce(l.instance, e.instance), source_ip = coalesce(l.source_ip, e.source_ip), provider = coalesce(l.provider, e.provider),
    relay_host = coalesce(l.relay_host, e.relay_host), relay_ip = coalesce(l.relay_ip, e.relay_ip),
    smtp_code = coalesce(l.smtp_code, e.smtp_code), enhanced_status = coalesce(l.enhanced_status, e.enhanced_status),
    smtp_stage = coalesce(l.smtp_stage, e.smtp_stage), response = coalesce(l.response, e.response),
    template_id = coalesce(l.template_id, e.template_id), tls = coalesce(l.tls, e.tls),
    pool = coalesce(l.pool, e.pool), mta_category = coalesce(l.mta_category, e.mta_category)
from late_tries as t join attempt_rows as l on l.rowid = t.number
where e.attempt_id = t.attempt_id and e.outcome = 'expired' and e.event_time >= getvariable('block_first');

insert into block_addresses
select lower(recipient) from attempt_rows where attempt_id in (select attempt_id from late_tries) and event_time >= getvariable('block_first');
