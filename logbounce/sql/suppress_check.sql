-- The active suppressions of one address, in any of its spellings or forgotten; those for every stream first.
select address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, decided_at, note
from suppressions
where lower(address) in (select lower(unnest($1::varchar[])))
order by stream, decided_at;
