-- Each attempt once: `message repeated N times` stands for N, and what is stored already is dropped.

insert into events select e.* replace (md5_number_lower(concat(e.line_id, ':', n)) as line_id, 1 as repeats)
from events as e, range(e.repeats) as times (n) where e.repeats > 1;
delete from events where repeats > 1;

-- Twice within the block, or stored. (Two days: the zone of a source may have been corrected since it was first read.)
create or replace temp table repeated as
select rowid as repeated from events where kind = 'attempt' qualify row_number() over (partition by line_id order by pos) > 1
union all
select e.rowid from events as e join (
    select attempt_id from attempt_rows
    where attempt_id in (select line_id from events where kind = 'attempt')
        and event_time between (select min(event_time) - interval 2 day from events) and (select max(event_time) + interval 2 day from events)
) as a on e.line_id = a.attempt_id
where e.kind = 'attempt';

delete from events where rowid in (from repeated);
