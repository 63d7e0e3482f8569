select
    c.old_category, c.old_bounce_class, c.new_category, c.new_bounce_class,
    count(distinct c.template_id) as templates,
    count(a.attempt_id) as attempts,
    count(distinct lower(a.recipient)) as addresses,
    list_sort(array_agg(distinct c.old_rule_id) filter (c.old_rule_id is not null))[:5] as old_rules,
    list_sort(array_agg(distinct c.new_rule_id) filter (c.new_rule_id is not null))[:5] as new_rules,
    arg_max(t.sample, (a.event_time is not null, a.event_time)) as sample
from template_changes c
join response_templates t using (template_id)
left join attempt_rows a
    on a.template_id = c.template_id and a.event_time >= getvariable('revise_since') and not a.suspended
where c.template_id in (from reclassed)
group by c.old_category, c.old_bounce_class, c.new_category, c.new_bounce_class
order by 'hard' in (c.old_bounce_class, c.new_bounce_class) desc, addresses desc, attempts desc, c.old_category, c.new_category;
