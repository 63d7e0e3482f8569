-- When each took mail after the last bounce that counts: who is suppressed then wrongly would be, who is released rightly is.
create or replace temp table accepted as
select e.effect, e.address_key, e.stream, min(a.event_time) as accepted_time
from effects e
join attempt_rows a on lower(a.recipient) = e.address_key and a.event_time > e.last_evidence
where a.outcome = 'delivered' and e.effect <> 'replaced'
    and a.delivery_id not in (select delivery_id from attempt_rows where asynchronous and outcome = 'bounced')
group by e.effect, e.address_key, e.stream;
