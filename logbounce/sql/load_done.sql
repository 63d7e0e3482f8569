-- The greatest of the tables of a block: until the next one replaces them they would take the room of its own.
drop table if exists temp.events;
drop table if exists temp.facts;
drop table if exists temp.block_attempts;
drop table if exists temp.block_messages;
drop table if exists temp.known_messages;
drop table if exists temp.stored_messages;
drop table if exists temp.piped;
drop table if exists temp.queued_again;
