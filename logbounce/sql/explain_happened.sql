-- All that could count against the address: failed attempts, complaints, and reports that are neither.
create temp table happened as
select
    a.attempt_id as evidence_id, 'attempt' as what, a.event_time, a.outcome, a.delivery_id, a.recipient, a.sender, a.message_id,
    a.queue_id, a.mta, a.host, a.relay_host, a.source_ip, a.smtp_code, a.enhanced_status, coalesce(a.response, t.sample) as response,
    a.category, a.bounce_class, a.act, a.rule_id, a.source_name, a.source_offset
from attempts a
left join response_templates t using (template_id)
where lower(a.recipient) in (from touched_addresses) and a.outcome not in ('delivered', 'relayed')
union all by name
select
    complaint_id as evidence_id, 'complaint' as what, event_time, 'complaint' as outcome, complaint_id as delivery_id, recipient,
    sender, message_id, mta, host, source_ip, concat_ws(' from ', coalesce(feedback_type, 'abuse'), reporter) as response,
    if(is_complaint(feedback_type), 'feedback', 'not-bounce') as category, 'none' as bounce_class,
    if(is_complaint(feedback_type), 'C', '-') as act, source_name, source_offset
from complaints
where lower(recipient) in (from touched_addresses)
union all by name
select
    report_id as evidence_id, 'report' as what, event_time, coalesce(action, kind) as outcome, report_id as delivery_id,
    final_recipient as recipient, sender, original_message_id as message_id, x_queue_id as queue_id, mta, host,
    remote_mta as relay_host, smtp_code, status as enhanced_status, diagnostic_code as response, category, bounce_class, act, rule_id,
    source_name, case when not proved then 'unproved' when kind = 'bounce' then 'awaited' else 'not_counted' end as told
from dsn_reports
where attempt_id is null and (kind in ('bounce', 'delayed') or kind = 'feedback' and not proved) and (
    lower(final_recipient) in (from touched_addresses) or lower(original_recipient) in (from touched_addresses)
    or delivery_id in (select delivery_id from attempt_rows where lower(recipient) in (from touched_addresses))
);

-- What bounce messages and later reports say of them, the first first.
create temp table reported as
select
    evidence_id,
    list(struct_pack(
        kind := r.kind, event_time := r.event_time, reporting_mta := r.reporting_mta, proved := r.proved, matched := r.matched,
        verp := r.verp, sent_time := r.sent_time, source_name := r.source_name, entry := r.entry
    ) order by r.event_time, r.report_id) as reports
from happened h
join dsn_reports r on h.evidence_id = if(h.what = 'attempt', r.attempt_id, r.report_id)
group by evidence_id;

-- Where the lines stand. A source has several files where its log is rotated, or where a pattern names it: those that reach
-- so far, and are of that time. A journal and a pipe have none.
create temp table places as
select line_id, list(distinct s.path order by s.path) as paths, bool_or(s.inode is not null) as in_file
from (
    select attempt_id as line_id, source_name, source_offset, event_time from attempt_rows
    union all
    select evidence_id, source_name, source_offset, event_time from happened where what = 'complaint'
) l
join sources s on s.source_name = l.source_name and l.source_offset <= s.position and l.event_time between s.first_time and s.last_time
group by line_id;
