-- The last messages to the address, and what became of them.
select
    o.delivery_id, o.first_time, o.last_time, o.outcome, o.attempts, o.sender, o.recipient, o.original_recipient, o.message_id, o.queue_id,
    o.mta, o.host, o.instance, o.source_ip, o.relay_host, o.smtp_code, o.enhanced_status, coalesce(o.response, t.sample) as response,
    o.asynchronous, o.category, o.bounce_class, o.act, o.rule_id, stream_of(o.sender) as stream, o.source_name,
    -- As in explain_weighed.sql: a place in a pipe, a journal or the row that was made of a message is nobody's.
    if(p.in_file is false or o.attempt_id in (select report_id from report_rows), null, o.source_offset) as source_offset, p.paths
from outcomes o
left join response_templates t using (template_id)
left join places p on p.line_id = o.attempt_id
where lower(o.recipient) in (from touched_addresses)
order by o.last_time desc, o.attempt_id
limit $limit;
