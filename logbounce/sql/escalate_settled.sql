-- Who is suppressed needs no second decision.
delete from evidence e
where exists (from suppressions s where lower(s.address) = e.address_key and s.stream = e.stream);
