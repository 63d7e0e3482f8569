delete from suppression_ledger where is_to_them(address);

update suppression_ledger set note = without_them(note) where names_them(note);

-- Mail to them must not begin again. The mark tells that it is they only to who knows the address.
insert into suppression_ledger (decided_at, action, address, stream, reason, category, note)
select getvariable('now')::timestamp, 'suppress', getvariable('mark'), stream, reason, category, 'forgotten'
from their_suppressions
where stream not in (select stream from suppressions where address = getvariable('mark'));
