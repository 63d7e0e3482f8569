-- What the period's sections count, added up once. `age` 0 is the period asked for, 1 the one before it.
create temp table if not exists report_counts (
    age integer, recipient_domain varchar, provider varchar, source_ip varchar,
    outcome varchar, bounce_class varchar, category varchar, template_id ubigint, number bigint
);
delete from report_counts where age = getvariable('report_age');
insert into report_counts
select
    getvariable('report_age'), recipient_domain, provider, source_ip, outcome, bounce_class, category,
    case when outcome <> 'delivered' then template_id end, count(*)
from counted_between(getvariable('report_since'), getvariable('report_until'))
group by all;
