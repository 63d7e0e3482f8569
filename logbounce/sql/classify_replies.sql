-- A verdict for each row of `replies`. {provider} and {rule} are the rules, compiled (logbounce/classify/decision.py): they
-- give null where no words and no rule fit.
with

words as (
    select
        key, mta, provider, smtp_stage,
        reply_words(reply) as text,
        coalesce(smtp_code, reply_code(reply))::integer as smtp_code,
        coalesce(enhanced_status, reply_status(reply)) as enhanced_status
    from replies
),

known as (select * replace (coalesce(provider, {provider}) as provider) from words),

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
    categories.category,
    if(temporary and act = 'H', 'soft', bounce_class) as bounce_class,
    if(temporary and act = 'H', 'S3', act) as act,
    rule_id
from decided
left join rules using (position)
join categories on categories.category = coalesce(rules.category, 'undetermined')
