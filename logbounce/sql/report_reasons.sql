-- By what was said, whoever logged it: one text has a template for each MTA and stage.
select
    c.category, c.bounce_class, t.rule_id, t.template,
    total(case when is_failed(c.outcome) then c.number end) as failed,
    total(case when c.outcome = 'deferred' then c.number end) as pending,
    list_sort(array_agg(distinct c.provider) filter (c.provider is not null))[:5] as providers,
    min(t.sample) as sample
from report_counts c
left join response_templates t using (template_id)
where c.age = getvariable('report_age') and (is_failed(c.outcome) or c.outcome = 'deferred')
group by all
order by failed + pending desc, failed desc, t.template, c.category, c.bounce_class
limit getvariable('report_top');
