-- What people decided, before the logs are read, since a decision from the logs looks at it; and once more when they have
-- been read, for what was decided meanwhile.
insert into suppression_ledger by name
select * exclude (number) from held.suppression_ledger
where number > getvariable('kept_to')
    and (reason = 'manual' or (action = 'release' and reason <> 'rules') or starts_with(address, 'forgotten:'))
order by number;

insert into meta
select key, value from held.meta where key = 'forget_salt' and key not in (select key from meta);
