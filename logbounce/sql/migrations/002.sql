-- Following logs for ever: what has been read to its end, what could not be had, and where a journal was left.

alter table sources add column finished boolean default false;  -- read to its end under another name, and quiet since
alter table sources add column cursor varchar;                  -- systemd.journal-fields(7): __CURSOR of the last entry read

-- Lines that can never be had: rotated away or cut off before they were read.
create table source_gaps (
    source_name varchar not null,
    path varchar not null,
    found_at timestamp not null,
    reason varchar not null,
    from_position bigint not null,  -- the first byte (uncompressed) that is lost
    to_position bigint,             -- null: how many there were is not known
    last_time timestamp,            -- of the last line that was read before it
    accepted_at timestamp           -- when a person said that this is known: until then `status` does not exit with 0
);
