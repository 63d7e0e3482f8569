-- What the figures rest on, for the notes.
select
    (select count(*) from attempt_rows) as stored,
    (select min(event_time) from attempt_rows) as first_time,
    (select max(event_time) from attempt_rows) as last_time,
    (select count(*) from sources) as sources,
    (select coalesce(sum(lines_read), 0)::bigint from sources) as lines_read,
    (select coalesce(sum(unparsed), 0)::bigint from sources) as unparsed,
    (select list(distinct mta order by mta) from (
        select mta from attempt_rows
        where event_time >= getvariable('report_since') and event_time < getvariable('report_until')
        group by mta
        having count(*) filter (outcome = 'deferred') = 0 and count(*) >= 100
    )) as without_deferrals,
    (select coalesce(sum(number), 0)::bigint from report_counts
        where age = 0 and source_ip is null and outcome <> 'complaint') as without_source_ip,
    (select count(*) from unknown_responses_between(getvariable('report_since'), getvariable('report_until'))) as unknown,
    (select count(*) from report_rows where matched is null and kind in ('bounce', 'feedback')
        and event_time >= getvariable('report_since') and event_time < getvariable('report_until')) as unproved;
