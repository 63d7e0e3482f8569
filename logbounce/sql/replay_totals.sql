select
    (select count(*) from response_templates where category is not null) as templates,
    (select count(*) from reclassed) as reclassed,
    (select count(*) from template_changes anti join reclassed using (template_id)) as other_rule,
    exists (from changed_streams) as policy_changed,
    count(*) filter (effect = 'suppressed') as suppressed,
    (select count(*) from accepted where effect = 'suppressed') as suppressed_accepted_later,
    count(*) filter (effect = 'released') as released,
    (select count(*) from accepted where effect = 'released') as released_accepted_later,
    count(*) filter (effect = 'replaced') as replaced
from effects;
