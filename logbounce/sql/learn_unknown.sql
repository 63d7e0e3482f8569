-- The templates that no rule knew, from $since on, the most frequent first, with the words that rules would see.
select
    template_id, reply_words(template) as words, template, smtp_code, enhanced_status, smtp_stage, attempts,
    coalesce(providers, []) as providers
from unknown_responses_between(coalesce($since::timestamp, '-infinity'), 'infinity')
order by attempts desc, template_id
limit $most;
