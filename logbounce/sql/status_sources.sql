-- What has been read, with one example of a line that was not understood.
select
    source_name, path, format, carrier, position, size_bytes, lines_read, attempts, noise, unparsed,
    (
        select struct_pack(source_offset := u.source_offset, reason := u.reason, line := left(u.line, 200))
        from unparsed_lines u
        where u.source_name = s.source_name
        order by u.source_offset
        limit 1
    ) as unparsed_example,
    first_time, last_time, committed_at,
    -- PowerMTA logs no deferral unless its accounting file asks for records of type t.
    format = 'powermta' and attempts > 0 and not exists (
        from attempts a where a.source_name = s.source_name and a.outcome = 'deferred'
    ) as deferrals_invisible
from sources s
order by source_name;
