-- A source IP is in trouble at a provider where its rate is surely above 2 %, or a fifth of its mail is still waiting.
select source_ip, provider, f.* from (
    select source_ip, provider, figures(outcome, bounce_class, category, number) as f
    from report_counts where age = getvariable('report_age') group by all
)
where getvariable('report_age') = 1
    or (f.messages >= 20 and (f.low > 0.02 or f.pending >= 0.2 * f.messages))
order by f.failed + f.pending desc, source_ip, provider
limit getvariable('report_top');
