-- What each decision rests on, as far as it is still stored.
select e.number, w.*
from (select number, unnest(evidence) as evidence_id from suppression_ledger) e
join weighed w using (evidence_id)
order by e.number, w.event_time, w.evidence_id;
