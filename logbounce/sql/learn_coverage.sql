-- What each rule has decided since $since; a row of nulls is what no rule knew.
select
    rule_id,
    any_value(category) as category,
    any_value(t.bounce_class) as bounce_class,
    count(*) as attempts,
    count(distinct lower(recipient)) as addresses,
    count(distinct template_id) as templates,
    max(event_time) as last_time
from attempts a
join (select template_id, bounce_class from response_templates) t using (template_id)
where a.outcome not in ('delivered', 'relayed') and a.event_time >= coalesce($since::timestamp, '-infinity')
group by rule_id
order by attempts desc, rule_id;
