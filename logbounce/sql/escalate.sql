-- The policy (docs/sql.md, "How an address comes to be suppressed"): who is not to be mailed any more.
--
--   hard       so many permanent failures of the recipient (act H): one message counts once
--   soft       so many countable temporary failures (act S3) within the window, both ends included
--   any        so many of both, with no window
--   complaint  one report of abuse, fraud, virus or other
--
-- For soft and any, a message counts once, and again only `repeat_hours` or more after it last counted. Where the
-- policy is `consecutive`, a delivery to the address starts the count again. Blocks (act B) and S0 never count.
--
-- It judges the addresses in the temp table touched_addresses(address), each on all that is stored of it: what came
-- late, out of order or twice gives the same decision. Times are UTC, so a day always has 24 hours.
-- The parameter is the time of the decision.

-- What the policy of each sending stream says, a row for each way to be suppressed.
create or replace temp table limits as
select stream, preset as policy, reset = 'consecutive' as consecutive, limits.*
from policies, unnest([
    {reason: 'hard', acts: ['H'], needed: hard_limit, within: null::interval, repeat_after: null::interval},
    {reason: 'soft', acts: ['S3'], needed: soft_limit, within: to_hours(window_hours), repeat_after: to_hours(repeat_hours)},
    {reason: 'any', acts: ['H', 'S3'], needed: any_limit, within: null, repeat_after: to_hours(repeat_hours)}
]) as ways (limits)
where limits.needed > 0
union
select stream, null, false, 'complaint', ['C'], 1, null, null
from (select stream from policies union select '');

create or replace temp table evidence as
with bounces as (
    select attempt_id as evidence_id, delivery_id, event_time, recipient as address, sender, category, rule_id, act
    from attempts
    where act in ('H', 'S3') and lower(recipient) in (select lower(address) from touched_addresses)
    union all
    select complaint_id, complaint_id, event_time, recipient, sender, 'feedback', null, 'C'
    from complaints
    where is_complaint(feedback_type) and lower(recipient) in (select lower(address) from touched_addresses)
),
-- A sending stream is known by its senders: the longest pattern that fits is the nearest; '' is everything else.
streams as (
    select senders.sender, max_by(p.stream, (length(p.sender_pattern), p.stream)) as stream
    from (select distinct sender from bounces) senders
    join policies p on lower(senders.sender) like lower(p.sender_pattern)
    group by senders.sender
)
select b.* exclude (sender), lower(b.address) as address_key, coalesce(s.stream, '') as stream
from bounces b
left join streams s using (sender);

-- Who is suppressed needs no second decision; who was released starts afresh.
delete from evidence e
where exists (
        from suppressions s where lower(s.address) = e.address_key and s.stream = e.stream
    )
    or exists (
        from suppression_ledger r
        where r.action = 'release' and lower(r.address) = e.address_key
            and r.stream in ('', e.stream) and r.decided_at >= e.event_time
    );

-- The bounces that count: the first of a message, then each that comes `repeat_after` or more after the last counted.
create or replace temp table counted as
with recursive tallies as materialized (
    select l.stream, l.reason, l.repeat_after, e.address_key, e.delivery_id, e.event_time, e.evidence_id
    from evidence e
    join limits l on l.stream = e.stream and list_contains(l.acts, e.act)
),
chosen as (
    select stream, reason, delivery_id, min(event_time) as event_time
    from tallies
    group by all
    union all
    select t.stream, t.reason, t.delivery_id, min(t.event_time)
    from chosen c
    join tallies t using (stream, reason, delivery_id)
    where t.event_time >= c.event_time + t.repeat_after
    group by t.stream, t.reason, t.delivery_id
),
once as (
    select stream, reason, event_time, any_value(address_key) as address_key, min(evidence_id) as evidence_id
    from chosen
    join tallies using (stream, reason, delivery_id, event_time)
    group by stream, reason, delivery_id, event_time
)
select o.*, l.needed, l.within, l.consecutive, l.policy
from once o
join limits l using (stream, reason);

-- Who would be suppressed if no delivery came in between: few, and only their deliveries need to be looked up.
create or replace temp table candidates as
with reaches as (
    select *, event_time - lag(event_time, needed - 1) over (
        partition by address_key, stream, reason order by event_time, evidence_id
    ) as took
    from counted
)
select
    address_key, stream, reason,
    any_value(consecutive) and any_value(needed) > 1 as restarts,
    min(event_time) as first_time
from reaches
group by address_key, stream, reason, within
having bool_or(took is not null and (within is null or took <= within));

set variable deliveries_since = (select min(first_time) from candidates where restarts);

-- What was accepted and later reported as bounced was no delivery.
create or replace temp table deliveries as
select distinct lower(recipient) as address_key, event_time
from attempt_rows
where event_time >= getvariable('deliveries_since')
    and outcome = 'delivered'
    and lower(recipient) in (select address_key from candidates where restarts)
    and delivery_id not in (select delivery_id from attempt_rows where asynchronous and outcome = 'bounced');

insert into suppression_ledger
    (decided_at, action, address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, evidence)
with runs as (
    -- Bounces with the same delivery before them belong to one run; one of the same second comes after it.
    select c.*, case when consecutive then d.event_time end as delivered_time
    from (from counted semi join candidates using (address_key, stream, reason)) c
    asof left join deliveries d on c.address_key = d.address_key and c.event_time >= d.event_time
),
reached as (
    select
        *,
        lag(event_time, needed - 1) over run as first_evidence,
        list(evidence_id) over (run rows between needed - 1 preceding and current row) as evidence
    from runs
    window run as (partition by address_key, stream, reason, delivered_time order by event_time, evidence_id)
),
-- The first moment at which a limit was reached decides.
decisions as (
    from reached
    where event_time <= first_evidence + coalesce(within, event_time - first_evidence)
    qualify row_number() over (
        partition by address_key, stream
        order by event_time, list_position(['hard', 'soft', 'any', 'complaint'], reason), evidence_id
    ) = 1
)
select
    $1::timestamp, 'suppress', e.address, d.stream, d.reason, e.category, e.rule_id, d.policy, d.needed,
    d.first_evidence, d.event_time, d.evidence
from decisions d
join (select distinct evidence_id, address, category, rule_id from evidence) e using (evidence_id)
order by d.event_time, d.address_key, d.stream;
