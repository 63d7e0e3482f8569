insert into suppression_ledger
    (decided_at, action, address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, evidence, note)
select
    $decided_at::timestamp, if(before.number is null, 'release', 'suppress'),
    coalesce(before.address, after.address), stream, coalesce(before.reason, 'rules'), before.category, before.rule_id,
    before.policy, before.bounces, before.first_evidence, before.last_evidence, before.evidence, $note
from reversals
order by coalesce(before.number, after.number);
