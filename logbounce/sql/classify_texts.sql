-- The templates of `lines` (number, text, mta, provider, smtp_stage) into `templates`, those that are not yet `known` into `replies`:
-- many lines are one reply. The rules read the template and nothing else of the text, as they do of a log.
create or replace temp table masked as
with

-- "host X[ip] said:" names who runs the relay host: that is context, and no part of what the rules read.
given as (
    select *, case when provider is null and contains(text, 'host ') then lower(rtrim(split_part(split_part(text, 'host ', 2), '[', 1))) end as relay
    from lines
),

-- Few hosts end in what a suffix ends in, and only those are compared with it.
suffixes as (select suffix, provider, last_labels(suffix, 2) as ending from providers where kind = 'mx'),

named as (
    select relay, arg_max(suffixes.provider, length(suffix)) as relay_provider
    from (select relay, unnest([last_labels(relay, 2), last_labels(relay, 1)]) as ending from (select distinct relay from given))
    join suffixes using (ending)
    where relay = suffix or ends_with(relay, '.' || suffix)
    group by relay
)

select
    number, mta,
    coalesce(provider, relay_provider) as provider,
    smtp_stage,
    mask_addresses(text) as reply
from given
left join named using (relay);

create or replace temp table templates as
select *, mask_rest(reply) as template
from (select distinct mta, provider, smtp_stage, reply from masked);

truncate replies;
insert into replies by name
select (select count(*) from known) + row_number() over () - 1 as key, *, null::usmallint as smtp_code, null::varchar as enhanced_status
from (
    select distinct mta, provider, smtp_stage, template as reply from templates
    except select mta, provider, smtp_stage, reply from known
);

insert into known select key, mta, provider, smtp_stage, reply from replies;
update replies set smtp_stage = reply_stage(reply) where smtp_stage is null;
