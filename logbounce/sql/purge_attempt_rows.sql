delete from attempt_rows where event_time < getvariable('cutoff');
