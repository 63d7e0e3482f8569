-- Lines have no time before they are understood: these counts are of all that was read.
select source_name, format, lines_read, attempts, noise, unparsed, last_time
from sources
where unparsed > 0
order by unparsed desc, source_name
limit getvariable('report_top');
