select
    c.category, c.bounce_class, t.rule_id, c.template_id,
    total(case when is_failed(c.outcome) then c.number end) as failed,
    total(case when c.outcome = 'deferred' then c.number end) as pending,
    list_sort(array_agg(distinct c.provider) filter (c.provider is not null))[:5] as providers,
    any_value(t.smtp_stage) as smtp_stage,
    any_value(t.sample) as sample
from report_counts c
left join response_templates t using (template_id)
where c.age = getvariable('report_age') and (is_failed(c.outcome) or c.outcome = 'deferred')
group by all
order by failed + pending desc, c.template_id
limit getvariable('report_top');
