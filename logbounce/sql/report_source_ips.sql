select source_ip, f.* from (
    select source_ip, figures(outcome, bounce_class, category, number) as f
    from report_counts where age = getvariable('report_age') group by all
)
order by f.messages desc, source_ip
limit getvariable('report_top');
