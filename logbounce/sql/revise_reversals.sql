-- Who was suppressed before the version that is taken back, and of whom nobody else decided since, is so again; who was not,
-- is not. Versions after it are taken back already: their rows count as its own.
create or replace temp table reversals as
with by_rules as (
    select l.number, lower(l.address) as address_key, l.stream, v.version
    from suppression_ledger l
    join rule_versions v on l.number > v.ledger_from and l.number <= v.ledger_to
    where v.version >= getvariable('undone')
),
theirs as (
    select distinct address_key, stream from by_rules where version = getvariable('undone')
),
decided_since as (
    select lower(address) as address_key, stream, action
    from suppression_ledger
    where number > getvariable('undone_from') and number not in (select number from by_rules)
),
free as (
    from theirs t
    where not exists (
        from decided_since d
        where d.address_key = t.address_key and (d.stream = t.stream or (d.stream = '' and d.action = 'release'))
    )
)
select f.stream, was as before, stands as after
from free f
left join suppressions_up_to(getvariable('undone_from')) was on lower(was.address) = f.address_key and was.stream = f.stream
left join suppressions stands on lower(stands.address) = f.address_key and stands.stream = f.stream
where was.number is distinct from stands.number;
