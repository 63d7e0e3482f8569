-- Deliveries divide the bounces that count against the `candidates` into runs.
set variable deliveries_since = (select min(first_time) from candidates where restarts);

-- What was accepted and later reported as bounced was no delivery.
create or replace temp table deliveries as
select distinct lower(recipient) as address_key, event_time
from attempt_rows
where event_time >= getvariable('deliveries_since')
    and outcome = 'delivered'
    and lower(recipient) in (select address_key from candidates where restarts)
    and delivery_id not in (select delivery_id from attempt_rows where asynchronous and outcome = 'bounced');

-- Bounces with the same delivery before them belong to one run; one of the same second comes after it.
create or replace temp table runs as
select c.*, case when consecutive then d.event_time end as delivered_time
from (from counted semi join candidates using (address_key, stream, reason)) c
asof left join deliveries d on c.address_key = d.address_key and c.event_time >= d.event_time;
