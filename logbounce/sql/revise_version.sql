insert into rule_versions by name
select
    $version as version, $applied_at::timestamp as applied_at, $action as action, $undoes::integer as undoes,
    $digest::varchar as digest, $note::varchar as note,
    (select count(*) from template_changes) as templates_changed,
    count(*) filter (effect = 'suppressed') as suppressed,
    count(*) filter (effect = 'released') as released,
    count(*) filter (effect = 'replaced') as replaced,
    getvariable('effects_from') as ledger_from,
    (select coalesce(max(number), 0) from suppression_ledger) as ledger_to
from effects
returning version, action, undoes, templates_changed, suppressed, released, replaced;
