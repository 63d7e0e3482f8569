-- What counts against the address and what does not, where it is not suppressed: all that counts, and the last so many of the
-- rest. Answers about one message that came to the same are one row.
with told as (
    from weighed
    where standing <> 'suppressed' and '' not in (select s.stream from suppressions s)
        -- What was released is told with the decision that it led to.
        and not (standing = 'released' and len(decisions) > 0)
),
grouped as (
    select
        max_by(t, (t.event_time, t.evidence_id)) as last, count(*) as times, min(t.event_time) as first_time,
        count(*) over () as n
    from told t
    group by t.delivery_id, t.what, t.standing, t.standing_time, t.category, t.act, t.rule_id
)
select last.*, times, first_time, n
from grouped
qualify last.standing = 'counts' or row_number() over (partition by last.standing = 'counts' order by last.event_time desc) <= $limit
order by last.event_time, last.evidence_id;
