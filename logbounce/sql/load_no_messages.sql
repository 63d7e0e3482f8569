-- Of a block without queue ids: the same columns as in load_messages.sql, and no rows.
create or replace temp table known_messages as
select host, queue_id, use, first_time as message_time, sender, message_id, size_bytes, own from block_messages where false;
