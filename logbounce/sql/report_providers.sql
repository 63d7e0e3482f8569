select provider, f.* from (
    select provider, figures(outcome, bounce_class, category, number) as f
    from report_counts where age = getvariable('report_age') group by all
)
order by f.messages desc, provider
limit getvariable('report_top');
