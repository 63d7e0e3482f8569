-- What the rules file says of the rules that were named.
select rule_id, category, origin, why, source from rules where rule_id in (select unnest($ids::varchar[])) order by position;
