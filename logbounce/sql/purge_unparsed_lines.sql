-- A line that was not understood has no time but what it seems to say of itself. One without any is as old as the newest line
-- of its source. A stamp without a year (RFC 3164) is of the year before the newest line of its source; since a year later
-- it would look new again, such a line is kept for 360 days at most.
delete from unparsed_lines
where line_id in (
    with newest as (select source_name, max(last_time) as last_time from sources group by source_name),

    stamps as (
        select
            line_id, last_time,
            coalesce(
                try_cast(replace(regexp_extract(line, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d'), 'T', ' ') as timestamp),
                to_timestamp(try_cast(regexp_extract(line, '"timestamp" ?: ?(\d{10})\b', 1) as bigint))::timestamp,
                make_timestamp(try_cast(regexp_extract(line, '"__REALTIME_TIMESTAMP" ?: ?"(\d{16})"', 1) as bigint))
            ) as stamped,
            try_strptime(
                year(last_time + interval 1 day) || ' ' || regexp_extract(line, '^(?:<\d+>)?([A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d)', 1),
                '%Y %b %d %H:%M:%S'
            ) as this_year
        from unparsed_lines
        left join newest using (source_name)
    )

    select line_id
    from stamps
    where case
        when stamped is not null then stamped < getvariable('cutoff')
        when this_year is not null then
            this_year - to_years((this_year > last_time + interval 1 day)::integer) < greatest(getvariable('cutoff'), last_time - interval 360 day)
        else last_time < getvariable('cutoff')
    end
);
