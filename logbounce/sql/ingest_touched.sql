-- The addresses of which this block says something that the policy may judge.
create or replace temp table touched_addresses as
select distinct lower(recipient) as address from tries where outcome in ('deferred', 'bounced', 'expired')
union
select lower(recipient) from ended join attempt_rows using (attempt_id)
union
select lower(recipient) from new_complaints where recipient is not null
