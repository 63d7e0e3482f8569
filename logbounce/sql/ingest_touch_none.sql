create or replace temp table touched_addresses (address varchar)
