insert into suppression_ledger
    (decided_at, action, address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, evidence, note)
select
    $decided_at::timestamp, 'suppress', e.address, d.stream, d.reason, e.category, e.rule_id, d.policy, d.needed,
    d.first_evidence, d.event_time, d.evidence, $note
from decisions d
join (select distinct evidence_id, address, category, rule_id from evidence) e using (evidence_id)
order by d.event_time, d.address_key, d.stream;
