-- What the block says: facts of messages, which most lines are and which have few columns, and everything else.
create or replace temp table events as from parsed_events;
create or replace temp table facts as select 0 as use, * from parsed_facts;

-- Whom this block is about.
create or replace temp table block_addresses (address varchar);
