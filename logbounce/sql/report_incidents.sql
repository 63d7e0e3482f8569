from incidents_between(getvariable('report_since'), getvariable('report_until'))
order by ongoing desc, first_time desc, failed desc, scope_value, alert_id
limit getvariable('report_top');
