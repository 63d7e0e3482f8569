-- The names that need an IP address in the settings' source_ips.
select mta, instance, count(*) as attempts
from attempts
where source_ip is null and outcome not in ('relayed', 'expired')
group by mta, instance
order by attempts desc, mta, instance;
