-- What taking back a version (the variable `undone`) changes: its templates, and the policies.
create or replace temp table template_changes as
select
    t.template_id,
    t.category as old_category, t.bounce_class as old_bounce_class, t.act as old_act, t.rule_id as old_rule_id,
    c.old_category as new_category, c.old_bounce_class as new_bounce_class, c.old_act as new_act, c.old_rule_id as new_rule_id
from rule_changes c
join response_templates t using (template_id)
where c.version = getvariable('undone');

create or replace temp table policies_before as
from policies
union all
select * exclude (version) from rule_policies where version = getvariable('undone');

truncate policies;
insert into policies select * exclude (version) from rule_policies where version = applied_version(getvariable('undone'));
-- The next run of `ingest` or `tail` puts the tables of the rules file in force in their place again.
delete from meta where key in ('rules_digest', 'templates_digest');
