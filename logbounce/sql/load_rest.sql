-- What is not about a delivery of ours: complaints, and lines that were not understood.

insert into complaints by name
select
    line_id as complaint_id, event_time, getvariable('format') as mta, coalesce(host, getvariable('host')::varchar) as host, feedback_type,
    lower_domain(recipient) as recipient, lower_domain(sender) as sender, message_id, source_ip, reporter, job_id,
    getvariable('source_name') as source_name, pos as source_offset
from new_complaints
where line_id not in (select complaint_id from complaints)
qualify row_number() over (partition by line_id order by pos) = 1;

insert into unparsed_lines by name
select line_id, getvariable('source_name') as source_name, min(pos) as source_offset, any_value(reason) as reason, any_value(left(line, 4096)) as line
from new_unparsed
where line_id not in (select line_id from unparsed_lines)
group by line_id;
