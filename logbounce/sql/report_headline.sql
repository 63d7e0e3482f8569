select
    f.*,
    (
        select count(*) from suppressions
        where coalesce(last_evidence, decided_at) >= getvariable('report_since')
            and coalesce(last_evidence, decided_at) < getvariable('report_until')
    ) as suppressed
from (
    select figures(outcome, bounce_class, category, number) as f
    from report_counts where age = getvariable('report_age')
);
