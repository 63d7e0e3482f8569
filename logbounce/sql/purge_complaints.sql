delete from complaints where event_time < getvariable('cutoff');
