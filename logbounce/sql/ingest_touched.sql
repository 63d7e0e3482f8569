-- The addresses of which a block says something that the policy may judge.
insert into undecided_addresses
select distinct lower(recipient) from block_attempts where outcome in ('deferred', 'bounced', 'expired')
union
select lower(recipient) from ended join attempt_rows using (attempt_id)
union
select lower(recipient) from adopted_attempts
union
select lower(recipient) from events where kind = 'complaint' and recipient is not null
