-- The active suppressions of one address; those for every stream first.
select address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, decided_at, note
from suppressions
where lower(address) = lower($1)
order by stream, decided_at;
