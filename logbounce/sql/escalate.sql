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
-- This file is the beginning: what may count against whom. escalate_settled.sql (or escalate_doubts.sql, when rules have changed)
-- takes away who is suppressed already; escalate_count.sql, escalate_candidates.sql, escalate_runs.sql and escalate_decide.sql
-- decide; escalate_append.sql writes it down. explain_*.sql goes the same way for one address, and says what came of each bounce.

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

-- A sending stream is known by its senders: the longest pattern that fits is the nearest; '' is everything else.
create or replace temp macro stream_of(sender) as coalesce((
    select max_by(stream, (length(sender_pattern), stream)) from policies where lower(sender) like lower(sender_pattern)
), '');

-- A later report in a mail server's own log (PowerMTA rb, KumoMTA OOB) that is about no logged send: anybody can have written it.
create or replace temp table unproved as
with reports as materialized (
    select attempt_id, delivery_id from attempt_rows
    where asynchronous and lower(recipient) in (select lower(address) from touched_addresses)
        and attempt_id not in (select report_id from report_rows)
)
select attempt_id as evidence_id from reports
where delivery_id not in (select delivery_id from attempt_rows semi join reports using (delivery_id) where not asynchronous);

create or replace temp table evidence as
with bounces as (
    select attempt_id as evidence_id, delivery_id, event_time, recipient as address, sender, category, rule_id, act
    from attempts
    where act in ('H', 'S3') and template_id is not null  -- which says no more, but most rows need not be read for it
        and lower(recipient) in (select lower(address) from touched_addresses)
        and attempt_id not in (from unproved)
    union all
    select complaint_id, complaint_id, event_time, recipient, sender, 'feedback', null, 'C'
    from complaints
    where is_complaint(feedback_type) and lower(recipient) in (select lower(address) from touched_addresses)
),
streams as (select sender, stream_of(sender) as stream from (select distinct sender from bounces))
select b.* exclude (sender), lower(b.address) as address_key, s.stream
from bounces b
left join streams s on s.sender is not distinct from b.sender;

-- Whom a person released starts afresh. What new rules release does not: they judge all that is stored.
delete from evidence e
where exists (
    from suppression_ledger r
    where r.action = 'release' and r.reason <> 'rules' and lower(r.address) = e.address_key
        and r.stream in ('', e.stream) and r.decided_at >= e.event_time
);
