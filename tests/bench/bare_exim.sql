-- What a log of Exim holds, cut at fixed words and joined, and nothing else: no check of what a line is, no time zone, nothing
-- quoted, no address before aliasing, no provider, no class, no repeats, no earlier run, no policy.
create temp table messages as
select
    split_part(line, ' ', 3) as queue_id, min(left(line, 19)) as first_time,
    any_value(case when contains(line, ' id=') then split_part(line, ' id=', 2) end) as message_id,
    any_value(case when contains(line, ' <= ') then split_part(split_part(line, ' <= ', 2), ' ', 1) end) as sender
from lines
where contains(line, ' <= ') or contains(line, ' Completed')
group by all;

begin;
create table attempts as
select
    md5_number_lower(line) as attempt_id, left(line, 19) as event_time, queue_id,
    split_part(line, ' ', 4) as flag,
    split_part(line, ' ', 5) as recipient,
    lower(split_part(split_part(line, ' H=', 2), ' ', 1)) as relay,
    split_part(split_part(line, ' T=', 2), ' ', 1) as transport,
    split_part(split_part(line, ' QT=', 2), ' ', 1) as delay_seconds,
    split_part(split_part(line, ' I=[', 2), ']', 1) as source_ip,
    split_part(split_part(line, ' C="', 2), '"', 1) as response,
    message_id, sender, first_time
from (
    select line, split_part(line, ' ', 3) as queue_id from lines
    where contains(line, ' => ') or contains(line, ' -> ') or contains(line, ' ** ') or contains(line, ' == ')
)
    left join messages using (queue_id);
commit;
