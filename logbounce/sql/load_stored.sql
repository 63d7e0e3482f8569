-- Whether an attempt of the block is stored already. (Two days: the zone of a source may have been corrected since it was first read.)
select exists (
    from attempt_rows
    where event_time between $1::timestamp - interval 2 day and $2::timestamp + interval 2 day
        and attempt_id in (select line_id from events where kind = 'attempt')
)
