-- What the new rules judge otherwise: templates (from `verdicts`), and what the policy was by which everybody was judged.
create or replace temp table template_changes as
select
    t.template_id,
    t.category as old_category, t.bounce_class as old_bounce_class, t.act as old_act, t.rule_id as old_rule_id,
    v.category as new_category, v.bounce_class as new_bounce_class, v.act as new_act, v.rule_id as new_rule_id
from response_templates t
join verdicts v on v.key = t.template_id
where (t.category, t.bounce_class, t.act, t.rule_id) is distinct from (v.category, v.bounce_class, v.act, v.rule_id);
drop table verdicts;
drop table replies;

create or replace temp table policies_before as
select * exclude (version) from rule_policies where version = applied_version();
