-- A repeat within the block, then one of what is stored. (Two days: the zone of a source may have been corrected since.)
delete from new_attempts where rowid not in (select min(rowid) from new_attempts group by attempt_id);
delete from new_attempts where attempt_id in (
    select attempt_id from attempt_rows
    where attempt_id in (select attempt_id from new_attempts)
        and event_time between (select min(event_time) - interval 2 day from new_attempts) and (select max(event_time) + interval 2 day from new_attempts)
);
