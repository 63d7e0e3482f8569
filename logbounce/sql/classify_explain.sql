-- Each of `lines` (number, text, provider, smtp_code, enhanced_status: as they were read for its verdict) as the rules see it.
create temp table explained as
select
    number as key,
    mask_reply(text) as template,
    reply_words(mask_reply(text)) as text,
    smtp_code::integer as smtp_code, enhanced_status, provider,
    reply_stage(text) as smtp_stage,
    null::varchar as mta
from lines;

create temp table replies as
select key, template as reply from explained;
