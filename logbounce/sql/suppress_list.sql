select address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, decided_at, note
from suppressions
order by lower(address), stream;
