select
    provider, recipient_domain, lower(coalesce(feedback_type, 'abuse')) as feedback_type, source_ip,
    count(*) as complaints, max(event_time) as last_time
from complaints_between(getvariable('report_since'), getvariable('report_until'))
group by all
order by complaints desc, last_time desc, recipient_domain
limit getvariable('report_top');
