-- The distinct templates of `lines` (number, text, mta, provider, smtp_stage): many lines are one reply.
create or replace temp table masked as
with

-- "host X[ip] said:" names who runs the relay host: that is context, and no part of what the rules read.
relays as (select number, lower(regexp_extract(text, '\bhost (\S+?) ?\[', 1)) as relay from lines),

named as (
    select relay, arg_max(provider, length(suffix)) as provider
    from (select distinct relay from relays)
    join providers on kind = 'mx' and (relay = suffix or ends_with(relay, '.' || suffix))
    group by relay
)

select
    number, mta,
    coalesce(lines.provider, named.provider) as provider,
    coalesce(smtp_stage, reply_stage(text)) as smtp_stage,
    mask_reply(text) as reply,
    reply_code(text) as smtp_code, reply_status(text) as enhanced_status
from lines
join relays using (number)
left join named using (relay);

create or replace temp table replies as
select row_number() over () as key, *
from (select distinct * exclude (number) from masked);
