-- Rules have changed: which of the policy's own suppressions are in doubt. Never a person's decision, nor a complaint.
-- `changed_streams` has the streams whose policy is another one; the variables bound the numbers of the rows that are looked at.
create or replace temp table doubted as
with automatic as (
    select number, address, lower(address) as address_key, stream, reason, evidence
    from suppressions
    where reason in ('hard', 'soft', 'any')
        and number > getvariable('doubt_from') and number <= getvariable('doubt_to')
        and lower(address) in (select lower(address) from touched_addresses)
),
named as (select number, stream, reason, unnest(evidence) as evidence_id from automatic),
stored as (select attempt_id from attempt_rows where attempt_id in (select evidence_id from named)),
counting as (
    select e.evidence_id, l.stream, l.reason
    from evidence e
    join limits l on l.stream = e.stream and list_contains(l.acts, e.act)
),
looked_at as (
    select
        n.number,
        bool_and(n.evidence_id in (select attempt_id from stored)) as whole,
        bool_or(c.evidence_id is null) as refuted
    from named n
    left join counting c using (evidence_id, stream, reason)
    group by n.number
)
-- What was purged cannot be judged again, and what it decided stands.
select a.number, a.address, a.address_key, a.stream, a.reason, l.refuted
from automatic a
join looked_at l using (number)
where l.whole and (l.refuted or a.stream in (select stream from changed_streams));

delete from evidence e
where exists (
    from suppressions s
    where lower(s.address) = e.address_key and s.stream = e.stream and s.number not in (select number from doubted)
);
