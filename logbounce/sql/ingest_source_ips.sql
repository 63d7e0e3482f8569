create or replace temp table source_ips as select unnest($names::varchar[]) as name, unnest($ips::varchar[]) as ip
