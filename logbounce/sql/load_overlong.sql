insert into events by name
select 'unparsed' as kind, md5_number_lower($line::varchar) as line_id, $pos::bigint as pos, 'longer than 65,536 bytes' as reason, $line::varchar as line
