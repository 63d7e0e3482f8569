-- Who is to be suppressed: the table `decisions`, from `runs` (escalate_runs.sql).
create or replace temp table decisions as
with reached as (
    select
        *,
        lag(event_time, needed - 1) over run as first_evidence,
        list(evidence_id) over (run rows between needed - 1 preceding and current row) as evidence
    from runs
    window run as (partition by address_key, stream, reason, delivered_time order by event_time, evidence_id)
)
-- The first moment at which a limit was reached decides.
from reached
where event_time <= first_evidence + coalesce(within, event_time - first_evidence)
qualify row_number() over (
    partition by address_key, stream
    order by event_time, list_position(['hard', 'soft', 'any', 'complaint'], reason), evidence_id
) = 1;
