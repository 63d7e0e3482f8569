-- One block of lines, read once: its attempts and its facts about messages. `events` is the parser's SELECT.

-- Attempts, with what is the same for every format. `message repeated N times` is N attempts.
create or replace temp table new_attempts as
select
    case when e.repeats > 1 then md5_number_lower(concat(e.line_id, ':', n)) else e.line_id end as attempt_id,
    getvariable('format') as mta, 0 as use,
    e.* exclude (kind, line_id, repeats, host, recipient, original_recipient, sender, reason, line, begins, closes, feedback_type, reporter),
    coalesce(e.host, getvariable('host')::varchar, '') as host,
    lower_domain(e.recipient) as recipient,
    lower_domain(e.original_recipient) as original_recipient,
    lower_domain(e.sender) as sender
from events as e, range(coalesce(e.repeats, 1)) as times (n)
where e.kind = 'attempt';

create or replace temp table new_facts as
select
    kind, pos, line_id, 0 as use, event_time, coalesce(host, getvariable('host')::varchar, '') as host, queue_id,
    coalesce(begins, false) as begins, coalesce(closes, false) as closes, lower_domain(sender) as sender, message_id, size_bytes
from events
where kind in ('message', 'own', 'expiry') and event_time is not null and queue_id is not null
    -- of a line that is still being written, a Message-ID may be cut
    and (getvariable('whole_lines') or kind <> 'message');

create or replace temp table new_unparsed as
select line_id, pos, reason, line from events where kind = 'unparsed';

create or replace temp table new_complaints as
select * from events where kind = 'complaint' and event_time is not null;

