-- After the logs are read: what they cannot tell. Gaps, and decisions that stand and of whose lines some are in no log any more.
insert into source_gaps by name from held.source_gaps;

create or replace temp table lost_evidence as
select distinct number
from (
    select number, unnest(if(len(evidence) > 0, evidence, [null])) as evidence_id
    from held.suppression_ledger where action = 'suppress' and reason <> 'manual'
) as old
where not exists (from attempt_rows as a where a.attempt_id = old.evidence_id)
    and not exists (from complaints as c where c.complaint_id = old.evidence_id);

insert into suppression_ledger by name
select * exclude (number) from held.suppression_ledger as old
where number in (from lost_evidence)
    and not exists (
        from held.suppression_ledger as newer
        where lower(newer.address) = lower(old.address) and newer.number > old.number
            and (newer.stream = old.stream or (newer.stream = '' and newer.action = 'release' and newer.reason <> 'rules'))
    )
    and not exists (from suppressions as s where lower(s.address) = lower(old.address) and s.stream = old.stream)
order by number;
