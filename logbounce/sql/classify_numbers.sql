-- Which verdict each line has, in the order of the lines.
with keyed as (
    select templates.*, key
    from templates
    join known on
        template = known.reply
        and templates.mta is not distinct from known.mta
        and templates.provider is not distinct from known.provider
        and templates.smtp_stage is not distinct from known.smtp_stage
)

select key
from masked
join keyed on
    masked.reply = keyed.reply
    and masked.mta is not distinct from keyed.mta
    and masked.provider is not distinct from keyed.provider
    and masked.smtp_stage is not distinct from keyed.smtp_stage
order by number;
