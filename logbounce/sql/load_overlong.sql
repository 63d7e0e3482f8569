insert into new_unparsed by name
select md5_number_lower($line::varchar) as line_id, $pos::bigint as pos, 'longer than 65,536 bytes' as reason, $line::varchar as line
