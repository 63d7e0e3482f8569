create or replace temp table domain_names as select unnest($names::varchar[]) as name, unnest($ascii::varchar[]) as ascii
