select template_id, mta, smtp_stage, smtp_code, enhanced_status, attempts, deliveries, providers, last_time, sample
from unknown_responses_between(getvariable('report_since'), getvariable('report_until'))
order by deliveries desc, template_id
limit getvariable('report_top');
