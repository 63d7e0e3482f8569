-- What a log of Postfix holds, cut at fixed words and joined, and nothing else: no check of what a line is, no time zone, nothing
-- quoted, no queue id used twice, no provider, no class, no repeats, no earlier run, no policy.
create temp table messages as
select
    split_part(text, ': ', 1) as queue_id, min(stamp) as first_time,
    any_value(case when contains(text, ': message-id=<') then split_part(text, ': message-id=', 2) end) as message_id,
    any_value(case when contains(text, ': from=<') then split_part(split_part(text, ': from=<', 2), '>', 1) end) as sender
from (
    select left(line, 15) as stamp, substring(line, strpos(line, ']: ') + 3) as text
    from lines where contains(line, ': message-id=<') or contains(line, '>, size=')
)
group by all;

begin;
create table attempts as
select
    md5_number_lower(line) as attempt_id, left(line, 15) as event_time, queue_id,
    split_part(split_part(line, ': to=<', 2), '>', 1) as recipient,
    lower(split_part(split_part(line, ', relay=', 2), ', ', 1)) as relay,
    split_part(split_part(line, ', dsn=', 2), ',', 1) as enhanced_status,
    split_part(split_part(line, ', delay=', 2), ',', 1) as delay_seconds,
    split_part(split_part(line, ', status=', 2), ' ', 1) as outcome,
    substring(line, strpos(line, ' (') + 2) as response,
    message_id, sender, first_time
from (select line, split_part(split_part(line, ': to=<', 1), ']: ', 2) as queue_id from lines where contains(line, ': to=<'))
    left join messages using (queue_id);
commit;
