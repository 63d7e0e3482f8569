select address, stream, reason, category, rule_id, bounces, coalesce(last_evidence, decided_at) as last_evidence
from suppressions s
where coalesce(s.last_evidence, decided_at) >= getvariable('report_since')
    and coalesce(s.last_evidence, decided_at) < getvariable('report_until')
order by coalesce(s.last_evidence, decided_at) desc, lower(address), stream
limit getvariable('report_top');
