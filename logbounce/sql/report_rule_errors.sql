select rule_id, category, addresses, accepted, rate, low, high, address, accepted_time
from rule_errors_between(getvariable('report_since'), getvariable('report_until'))
where accepted > 0
order by low desc, accepted desc, rule_id
limit getvariable('report_top');
