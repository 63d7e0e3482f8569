-- Mail that was given to a program: Postfix pipe(8) says so (src/pipe/pipe.c), of Exim's transports those that name no host.
-- The program may be a content filter that hands it back (load_handed_back.sql), at a time near to that of this block.
set variable piped_from = (select min(event_time) - interval 10 minute from block_attempts);
set variable piped_to = (select max(event_time) + interval 10 minute from block_attempts);

create or replace temp table piped as
select attempt_id, host, queue_id, message_id, event_time, source_offset, lower(recipient) as address, coalesce(relay_host, instance) as service
from attempt_rows
where event_time between getvariable('piped_from') and getvariable('piped_to')
    and outcome = 'delivered' and message_id <> ''
    and (mta = 'postfix' and starts_with(response, 'delivered via ') or mta = 'exim' and relay_host is null);

select count(*) from piped;
