insert into suppression_ledger (decided_at, action, address, stream, reason, note)
select $decided_at::timestamp, 'release', address, stream, 'rules', $note
from releases
order by number;
