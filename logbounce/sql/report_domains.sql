-- The worst first: by the rate that is sure, so that one bounce of one message leads no list.
select recipient_domain, f.* from (
    select recipient_domain, figures(outcome, bounce_class, category, number) as f
    from report_counts where age = getvariable('report_age') group by all
)
where getvariable('report_age') = 1 or (f.n >= 20 and f.failed > 0)
order by f.low desc, f.failed desc, recipient_domain
limit getvariable('report_top');
