-- A verdict for each row of `replies`. {provider} and {rule} are the rules, compiled (logbounce/classify/decision.py): they
-- stay null where no marker and no rule fits. $categories, $classes, $acts and $ids are in the rules' order.
create or replace temp table verdicts as
with

words as (
    select
        key, mta, provider, smtp_stage,
        reply_words(reply) as text,
        coalesce(smtp_code, reply_code(reply))::integer as smtp_code,
        coalesce(enhanced_status, reply_status(reply)) as enhanced_status
    from replies
),

known as (select * replace ({provider} as provider) from words),

decided as (
    select
        * exclude (text),
        -- RFC 5321 section 4.2.1, RFC 3463 section 2: try again is never final, whatever the words say.
        coalesce(smtp_code between 400 and 499 or enhanced_status like '4.%', false) as temporary,
        {rule} as position
    from known
)

select
    key, provider, smtp_code, enhanced_status,
    coalesce($categories[position], 'undetermined') as category,
    case when temporary and $acts[position] = 'H' then 'soft' else coalesce($classes[position], $other_class) end as bounce_class,
    case when temporary and $acts[position] = 'H' then 'S3' else coalesce($acts[position], $other_act) end as act,
    $ids[position] as rule_id
from decided;
