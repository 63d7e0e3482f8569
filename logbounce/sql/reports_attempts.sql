-- A proved failure that no log tells of is an attempt: what was delivered comes back (`asynchronous`), or there is no log at all.

create or replace temp table untold as
select r.*
from report_rows as r
where r.kind = 'bounce' and r.delivery_id is not null and r.attempt_id is null and r.recipient is not null
    -- Our own server's report on what its log still calls deferred: the log will tell, too.
    and not (r.matched = 'queue_id' and not exists (
        from attempt_rows as a where a.delivery_id = r.delivery_id and a.outcome = 'delivered'));

insert into attempt_rows by name
with sends as (
    select delivery_id, max_by(a, a.event_time) as send
    from attempt_rows as a
    where delivery_id in (select delivery_id from untold) and not asynchronous
    group by delivery_id
)
select
    u.report_id as attempt_id, u.delivery_id, u.event_time,
    coalesce(s.send.mta, 'dsn') as mta, s.send.host, s.send.instance, coalesce(s.send.queue_id, u.x_queue_id) as queue_id,
    coalesce(s.send.message_id, u.original_message_id) as message_id, coalesce(s.send.sender, u.sender) as sender,
    coalesce(s.send.recipient, lower_domain(u.recipient)) as recipient,
    coalesce(s.send.original_recipient, lower_domain(u.original_recipient)) as original_recipient,
    coalesce(s.send.recipient_domain, lower(split_part(u.recipient, '@', -1))) as recipient_domain,
    coalesce(s.send.provider, t.provider, lower(split_part(u.recipient, '@', -1))) as provider,
    s.send.source_ip, coalesce(s.send.relay_host, u.remote_mta) as relay_host, s.send.relay_ip,
    'bounced' as outcome, u.smtp_code, u.status as enhanced_status, u.diagnostic_code as response, u.template_id,
    s.send.size_bytes, s.send.job_id, s.send.pool,
    true as asynchronous, false as suspended, u.source_name, 0 as source_offset
from untold as u
    left join sends as s using (delivery_id)
    left join response_templates as t using (template_id)
where u.report_id not in (select attempt_id from attempt_rows where asynchronous);

update report_rows set attempt_id = report_id, made_attempt = true
where report_id in (select report_id from untold);

create or replace temp table new_complaints as
select
    r.report_id as complaint_id, r.event_time, 'dsn' as mta, r.feedback_type, lower_domain(r.recipient) as recipient, r.sender,
    r.original_message_id as message_id, r.source_ip, r.reporter, r.source_name, 0 as source_offset
from report_rows as r
where r.kind = 'feedback' and r.matched is not null and r.recipient is not null
    and r.report_id not in (select complaint_id from complaints);
insert into complaints by name from new_complaints;

insert into undecided_addresses
select distinct lower(recipient) from untold
union
select distinct lower(recipient) from new_complaints;
