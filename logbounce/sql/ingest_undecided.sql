create or replace temp table touched_addresses as select distinct address from undecided_addresses;
truncate undecided_addresses;
