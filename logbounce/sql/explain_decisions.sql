-- Every decision about the address, in order.
select
    number, decided_at, action, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, note,
    number in (select s.number from suppressions s) as in_force,
    coalesce(len(l.evidence), 0) - (select count(*) from weighed w where list_contains(l.evidence, w.evidence_id)) as evidence_gone
from suppression_ledger l
order by number;
