-- The words of all templates that some rule knew.
select distinct reply_words(template)
from response_templates
where coalesce(category, 'undetermined') <> 'undetermined' and not starts_with(coalesce(rule_id, ''), 'guess-');
