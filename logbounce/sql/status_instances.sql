-- The names that need an IP address in the settings' source_ips; which attempts do: status_totals.sql.
select mta, instance, count(*) as attempts
from attempts
where
    source_ip is null and outcome not in ('relayed', 'expired')
    and (relay_ip is not null or smtp_stage = 'connect')
group by mta, instance
order by attempts desc, mta, instance;
