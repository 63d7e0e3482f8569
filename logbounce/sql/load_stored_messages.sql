-- What is stored of the messages of this block.
set variable block_begins = (select min(first_time) - interval 2 second from block_messages);

-- Those that were still open when this block began. Each SELECT passes over most of what is stored without reading it: the
-- first reads of the open ones what they are joined by, and of those that meet this block the rest.
create or replace temp table stored_messages as
with still_open as materialized (select rowid as number, host, queue_id from messages where closed_time is null)
select rowid as number, * from messages
where rowid in (select number from still_open semi join block_messages using (host, queue_id))
union all
select rowid as number, * from messages semi join block_messages using (host, queue_id)
where closed_time >= getvariable('block_begins');

-- Can there be two instances with one queue id?
select count(distinct instance) > 1 from (select instance from block_messages union all select instance from stored_messages where closed_time is null);
