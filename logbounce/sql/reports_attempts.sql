-- A proved failure that no log tells of is an attempt: what was delivered comes back (`asynchronous`), or there is no log at all.

create or replace temp table untold as
select *
from report_rows as r
where kind = 'bounce' and delivery_id is not null and attempt_id is null and recipient is not null
    and read_at >= getvariable('reports_since')
    -- What its log still calls deferred cannot have come back: the log will tell how it ended, if it was not read further than that.
    and (matched in ('verp', 'trust') or exists (
        from attempt_rows as a where a.delivery_id = r.delivery_id
            and (a.outcome = 'delivered'
                or exists (from sources as s where s.source_name = a.source_name and s.last_time > r.event_time + interval 1 hour))));

-- What a signature has proved already, perhaps beside a send of the log, it proves once. Its key is that of reports_match.sql.
create or replace temp table used as
select report_id, attempt_id, verp_expires, lower(recipient) as recipient, coalesce(left(status, 1), '5') as digit
from report_rows
where kind = 'bounce' and verp = 'good' and (attempt_id is not null or report_id in (select report_id from untold) and matched <> 'verp');

update untold as u
set attempt_id = o.attempt_id
from (
    select verp_expires, recipient, digit, max(coalesce(attempt_id, report_id)) as attempt_id
    from used group by all
) as o
where u.matched = 'verp' and u.verp_expires = o.verp_expires and lower(u.recipient) = o.recipient and coalesce(left(u.status, 1), '5') = o.digit;

update report_rows as r set attempt_id = u.attempt_id from untold as u where r.report_id = u.report_id and u.attempt_id is not null;
delete from untold where attempt_id is not null;

-- A message bounces once for each recipient, however often that is reported.
create or replace temp table made as
select * from untold as u
where not exists (from attempt_rows as a where a.delivery_id = u.delivery_id and a.asynchronous and a.outcome = 'bounced')
    and (matched in ('verp', 'trust') or delivery_id in (select delivery_id from told))  -- else the send was purged, and whose it was is a claim
qualify row_number() over (partition by delivery_id order by event_time, report_id) = 1;

insert into attempt_rows by name
with sends as (
    select delivery_id, max_by(a, a.event_time) as send
    from attempt_rows as a
    where delivery_id in (select delivery_id from made) and not asynchronous
    group by delivery_id
)
select
    u.report_id as attempt_id, u.delivery_id, greatest(u.event_time, s.send.event_time) as event_time,
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
from made as u
    left join sends as s using (delivery_id)
    left join response_templates as t using (template_id);

update report_rows set made_attempt = true where report_id in (select report_id from made);
update report_rows as r set attempt_id = a.attempt_id
from (
    select delivery_id, max_by(attempt_id, event_time) as attempt_id
    from attempt_rows
    where asynchronous and outcome = 'bounced' and delivery_id in (select delivery_id from untold)
    group by delivery_id
) as a
where r.delivery_id = a.delivery_id and r.report_id in (select report_id from untold);

-- Whatever a report claims, who complains is whom the send went to that proves it.
create or replace temp table new_complaints as
select
    r.report_id as complaint_id, r.event_time, 'dsn' as mta, r.feedback_type,
    coalesce(t.recipient, lower_domain(r.recipient)) as recipient, coalesce(t.sender, r.sender) as sender,
    coalesce(t.message_id, r.original_message_id) as message_id, r.source_ip, r.reporter, r.source_name, 0 as source_offset
from report_rows as r
    left join told as t on t.delivery_id = r.delivery_id and r.matched not in ('verp', 'trust')
where r.kind = 'feedback' and r.matched is not null and (t.recipient is not null or r.matched in ('verp', 'trust') and r.recipient is not null)
    and r.read_at >= getvariable('reports_since')
    and r.report_id not in (select complaint_id from complaints)
    -- Nor does one who complains twice about a message, or whose complaint is sent again, count twice.
    and not exists (
        from report_rows as o
        where (o.delivery_id = r.delivery_id
                or r.matched = 'verp' and o.verp = 'good' and o.verp_expires = r.verp_expires and lower(o.recipient) = lower(r.recipient))
            and o.kind = 'feedback' and o.feedback_type is not distinct from r.feedback_type
            and o.report_id in (select complaint_id from complaints))
qualify row_number() over (partition by r.delivery_id, r.feedback_type order by r.event_time, r.report_id) = 1;
insert into complaints by name from new_complaints;

insert into undecided_addresses
select distinct lower(a.recipient) from attempt_rows as a where a.attempt_id in (select report_id from made)
union
select distinct lower(recipient) from new_complaints;
