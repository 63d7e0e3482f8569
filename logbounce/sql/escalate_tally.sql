-- What each bounce does at the time $now, for each limit that it could help to reach: the table `tallied`, from `runs` and
-- `deliveries` (escalate_runs.sql).
--
--   counts     until `tally_time`, null: for good
--   repeated   the same message counted at `tally_time`, too short a time before
--   delivery   there was a delivery at `tally_time`, after which the count began again
--   window     it left the window at `tally_time`
create or replace temp table tallied as
with tallies as (
    select
        e.evidence_id, e.event_time, e.stream, l.reason, l.within,
        r.evidence_id is not null as counted,
        max(case when counted then e.event_time end) over same_message as counted_time,
        case when l.consecutive and l.needed > 1 then (
            select min(d.event_time) from deliveries d where d.address_key = e.address_key and d.event_time > e.event_time
        ) end as delivered_time
    from evidence e
    join limits l on l.stream = e.stream and list_contains(l.acts, e.act)
    left join runs r on r.evidence_id = e.evidence_id and r.stream = l.stream and r.reason = l.reason
    window same_message as (partition by e.delivery_id, l.stream, l.reason order by e.event_time)
)
select
    evidence_id, event_time, stream, reason,
    case
        when not counted then 'repeated'
        when delivered_time is not null then 'delivery'
        when event_time + within < $now::timestamp then 'window'
        else 'counts'
    end as tally,
    case tally when 'repeated' then counted_time when 'delivery' then delivered_time else event_time + within end as tally_time
from tallies;
