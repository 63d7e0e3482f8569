-- What has been read of each source, all its files together, with one example of a line that was not understood.
with files as (
    select *, row_number() over (partition by source_name order by finished, committed_at desc, path) as number
    from sources
),
read as (
    select
        source_name,
        any_value(path) filter (number = 1) as path, string_agg(distinct format, ', ' order by format) as format,
        any_value(carrier) filter (number = 1) as carrier, any_value(device) filter (number = 1) as device,
        any_value(inode) filter (number = 1) as inode, any_value(position) filter (number = 1) as position,
        any_value(size_bytes) filter (number = 1) as size_bytes, count(*) as files,
        sum(lines_read)::bigint as lines_read, sum(noise)::bigint as noise, sum(unparsed)::bigint as unparsed,
        min(first_time) as first_time, max(last_time) as last_time, max(committed_at) as committed_at
    from files
    group by source_name
),
-- The rows of `attempts`, as in status_totals.sql: `sources` counts lines, also those that another source has too, and of a
-- message that was given up no row for each recipient.
stored as (select source_name, count(*) as attempts from attempt_rows where not suspended group by source_name)
select
    s.*, coalesce(n.attempts, 0) as attempts,
    (
        select struct_pack(source_offset := u.source_offset, reason := u.reason, line := left(u.line, 200) || if(length(u.line) > 200, '…', ''))
        from unparsed_lines u
        where u.source_name = s.source_name
        order by u.source_offset
        limit 1
    ) as unparsed_example,
    -- PowerMTA logs no deferral unless its accounting file asks for records of type t.
    format = 'powermta' and coalesce(n.attempts, 0) > 0 and not exists (
        from attempts a where a.source_name = s.source_name and a.outcome = 'deferred'
    ) as deferrals_invisible
from read s
left join stored n using (source_name)
order by s.source_name;
