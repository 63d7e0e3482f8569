-- What else there is to know of the address.
select
    (select count(*) from outcomes o where lower(o.recipient) in (from touched_addresses)) as messages,
    (select map_from_entries(list((outcome, n) order by outcome)) from (
        select o.outcome, count(*) as n from outcomes o where lower(o.recipient) in (from touched_addresses) group by o.outcome
    )) as outcomes,
    (select coalesce(list(distinct lower(a.recipient) order by lower(a.recipient)), []) from attempt_rows a
        where lower(a.recipient) not in (from touched_addresses)) as went_on_to,
    exists (from undecided_addresses u where lower(u.address) in (from touched_addresses)) as undecided,
    (select max_by(a.recipient, a.event_time) from attempt_rows a where lower(a.recipient) in (from touched_addresses)) as logged_as
