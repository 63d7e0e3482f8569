-- What the programs of `piped` handed back (spamc | sendmail) was queued again: under another queue id, with the same Message-ID, after the
-- message had come and before the program was done (or shortly after, for pickup(8) looks now and then). It then went to the same recipient
-- by another service. The first of the two was a hop.
create or replace temp table queued_again as
with recent as materialized (
    select host, queue_id, message_id, first_time from messages
    where first_time between getvariable('piped_from') - interval 5 day and getvariable('piped_to')
),
given as materialized (
    select piped.*, first_time as came
    from piped join recent using (host, queue_id)
    where first_time between event_time - interval 5 day and event_time
    qualify first_time = max(first_time) over (partition by attempt_id)
)
select g.*, r.queue_id as again, r.first_time as came_again
from given as g join recent as r on r.host = g.host and r.message_id = g.message_id
where r.queue_id <> g.queue_id and r.first_time between g.came and g.event_time + interval 10 second;

update attempt_rows as a set outcome = 'relayed'
from (
    select distinct q.attempt_id
    from queued_again as q join attempt_rows as b
        on b.host = q.host and b.queue_id = q.again and q.address in (lower(b.recipient), lower(b.original_recipient))
    where b.event_time between getvariable('piped_from') - interval 10 minute and getvariable('piped_to') + interval 10 minute
        and b.event_time between q.event_time - interval 10 minute and q.event_time + interval 10 minute
        and coalesce(b.relay_host, b.instance) is distinct from q.service
        and (q.came_again, b.event_time, b.source_offset) > (q.came, q.event_time, q.source_offset)
) as h
where a.attempt_id = h.attempt_id and a.event_time between getvariable('piped_from') and getvariable('piped_to');
