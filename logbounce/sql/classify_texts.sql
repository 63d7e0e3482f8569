-- The distinct templates of `lines` (number, text, mta, provider, smtp_stage): many lines are one reply.
create or replace temp table masked as
select number, mta, provider, coalesce(smtp_stage, reply_stage(text)) as smtp_stage, mask_reply(text) as reply,
    reply_code(text) as smtp_code, reply_status(text) as enhanced_status
from lines;

create or replace temp table replies as
select row_number() over () as key, *
from (select distinct * exclude (number) from masked);
