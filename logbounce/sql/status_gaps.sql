-- What was lost, and nobody has said yet that it is known.
select source_name, path, found_at, reason, from_position, to_position, last_time
from source_gaps
where accepted_at is null
order by found_at, path;
