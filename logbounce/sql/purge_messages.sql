-- One that is still open is kept as long as an attempt of it is: its next lines have to find it.
delete from messages as m
where coalesce(m.closed_time, m.first_time) < getvariable('cutoff')
    and (m.closed_time is not null or not exists (from attempt_rows as a where a.host = m.host and a.queue_id = m.queue_id));
