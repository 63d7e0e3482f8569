-- What it came to for each address and stream with new rows in the ledger: after the number `effects_from`.
create or replace temp table effects as
with written as (
    select distinct lower(address) as address_key, stream
    from suppression_ledger where number > getvariable('effects_from')
)
select
    case when before.number is null then 'suppressed' when after.number is null then 'released' else 'replaced' end as effect,
    w.address_key, w.stream,
    coalesce(after.address, before.address) as address,
    coalesce(after.reason, before.reason) as reason,
    coalesce(after.category, before.category) as category,
    if(after.number is null, before.rule_id, after.rule_id) as rule_id,
    coalesce(after.last_evidence, before.last_evidence) as last_evidence
from written w
left join suppressions_up_to(getvariable('effects_from')) before
    on lower(before.address) = w.address_key and before.stream = w.stream
left join suppressions after on lower(after.address) = w.address_key and after.stream = w.stream
where before.number is distinct from after.number;
