-- What the lines of the block were, before repeats are dropped.
select
    (select count(*) from new_attempts) as attempts,
    (select count(*) from new_unparsed) as unparsed,
    (select count(distinct pos) from (
        select pos from new_attempts union all select pos from new_facts
        union all select pos from new_unparsed union all select pos from new_complaints)) as understood,
    (select min(event_time) from (select event_time from new_attempts union all select event_time from new_facts)) as first_time,
    (select max(event_time) from (select event_time from new_attempts union all select event_time from new_facts)) as last_time
