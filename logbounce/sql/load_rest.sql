-- What is not about a delivery of ours: complaints, and lines that were not understood.

insert into complaints by name
select
    line_id as complaint_id, event_time, getvariable('format') as mta, nullif(host, '') as host, feedback_type,
    lower_domain(recipient) as recipient, lower_domain(sender) as sender, message_id, source_ip, reporter, job_id,
    getvariable('source_name') as source_name, pos as source_offset
from events
where kind = 'complaint' and line_id not in (select complaint_id from complaints)
qualify row_number() over (partition by line_id order by pos) = 1;

insert into unparsed_lines by name
select line_id, getvariable('source_name') as source_name, min(pos) as source_offset, any_value(reason) as reason, left(any_value(line), 4096) as line
from events
where kind = 'unparsed' and line_id not in (select line_id from unparsed_lines)
group by line_id;

insert into block_addresses select lower(recipient) from events where kind = 'complaint' and recipient is not null;
