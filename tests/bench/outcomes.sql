-- What truth.json counts: last words by domain and sending IP, and beside them every try that was deferred.
select recipient_domain, source_ip, outcome, count(*) as n
from outcomes
where outcome in ('delivered', 'bounced', 'expired')
group by all
union all
select recipient_domain, source_ip, outcome, count(*)
from attempts
where outcome = 'deferred'
group by all
order by all
