insert into sources by name
select
    $source_name as source_name, $path as path, $format as format, $carrier as carrier, $device::ubigint as device, $inode::ubigint as inode,
    $fingerprint as fingerprint, $fingerprint_length as fingerprint_length, $tail_fingerprint as tail_fingerprint, $tail_length as tail_length,
    $position as position, $provisional::ubigint[] as provisional, $size_bytes as size_bytes, $lines_read as lines_read,
    $attempts as attempts, $noise as noise, $unparsed as unparsed, $first_time as first_time, $last_time as last_time,
    $finished as finished, $cursor as cursor, $committed_at as committed_at
