-- The first of each kind, and before them who accepted mail later.
select e.effect, e.address, e.stream, e.reason, e.category, e.rule_id, e.last_evidence, a.accepted_time
from effects e
left join accepted a using (effect, address_key, stream)
where e.effect <> 'replaced'
qualify row_number() over (
    partition by e.effect order by a.accepted_time is null, e.last_evidence desc, e.address_key, e.stream
) <= $1
order by e.effect desc, a.accepted_time is null, e.last_evidence desc, e.address_key, e.stream;
