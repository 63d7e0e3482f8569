-- What is stored of one address, in temp tables that stand before those of the database: views, and the policy's own SQL,
-- then look at little. The variables: `address` as it was asked for, its `spellings`, and what it is `known_as` in the ledger.
create temp table touched_addresses as select unnest(getvariable('spellings')::varchar[]) as address;

create temp table attempt_rows as
from attempt_rows
where delivery_id in (
    select delivery_id from attempt_rows
    where lower(recipient) in (from touched_addresses) or lower(original_recipient) in (from touched_addresses)
);

-- One that was forgotten is there by its mark alone.
create temp table suppression_ledger as
select * replace (if(lower(address) in (from touched_addresses), address, getvariable('address')) as address)
from suppression_ledger
where lower(address) in (select lower(unnest(getvariable('known_as')::varchar[])));
