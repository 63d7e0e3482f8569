-- And what follows from them. Attempts and complaints are only read, and so not copied.
create temp table response_templates as from response_templates;
create temp table suppression_ledger as from suppression_ledger;
create temp sequence tried_numbers;
-- Above all numbers that were ever given.
alter table suppression_ledger alter column number set default 1000000000000000 + nextval('tried_numbers');
