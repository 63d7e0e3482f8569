-- What came of each thing that happened: `standing` is the `tally` of escalate_tally.sql, or
--
--   unproved      a report that nothing proves
--   awaited       a report that the log is still to tell of
--   block         act B: the sender's fault
--   not_counted   act S0, or no bounce at all
--   released      a person released the address later, at `standing_time`
--   suppressed    the address is suppressed for that stream already
--   no_limit      the policy has no limit for it
create temp table weighed as
with decided as (
    select evidence_id, list(number order by number) as decisions
    from (select number, unnest(evidence) as evidence_id from suppression_ledger where action = 'suppress')
    group by evidence_id
),
best as (
    from tallied
    qualify row_number() over (
        partition by evidence_id order by list_position(['counts', 'window', 'delivery', 'repeated'], tally), reason
    ) = 1
),
standings as (
    select
        evidence_id, stream_of(sender) as stream,
        case
            when what = 'report' then told
            when evidence_id in (from unproved) then 'unproved'
            when act = 'B' then 'block'
            when act not in ('H', 'S3', 'C') then 'not_counted'
            when evidence_id not in (from unreleased) then 'released'
            when stream_of(sender) in (select s.stream from suppressions s) then 'suppressed'
            else coalesce(tally, 'no_limit')
        end as standing,
        (
            select min(l.decided_at) from suppression_ledger l
            where l.action = 'release' and l.reason <> 'rules' and l.decided_at >= event_time
        ) as released_time,
        tally_time
    from happened
    left join (select evidence_id, tally, tally_time from best) using (evidence_id)
)
select
    h.* exclude (told, source_offset), s.stream, coalesce(d.decisions, []) as decisions, r.reports, p.paths,
    -- A place in a pipe or a journal, or in the row that was made of a message, is nobody's.
    if(p.in_file is false or r.reports[1].entry is not null and r.reports[1].source_name = h.source_name, null, h.source_offset) as source_offset,
    s.standing, if(s.standing = 'released', s.released_time, s.tally_time) as standing_time
from happened h
join standings s using (evidence_id)
left join decided d using (evidence_id)
left join reported r using (evidence_id)
left join places p on p.line_id = h.evidence_id;
