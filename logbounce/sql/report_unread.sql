-- Lines have no time before they are understood: these counts are of all that was read, of each source with its rotated files.
select
    source_name, string_agg(distinct format, ', ' order by format) as format, sum(lines_read)::bigint as lines_read, sum(attempts)::bigint as attempts,
    sum(noise)::bigint as noise, sum(unparsed)::bigint as unparsed, max(last_time) as last_time
from sources
group by source_name
having sum(unparsed) > 0
order by unparsed desc, source_name
limit getvariable('report_top');
