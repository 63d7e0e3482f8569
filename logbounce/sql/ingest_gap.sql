insert into source_gaps by name
select
    $source_name as source_name, $path as path, $found_at as found_at, $reason as reason, $position as from_position,
    null as to_position, $last_time as last_time, null as accepted_at
