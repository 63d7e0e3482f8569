-- The block's attempts meet their messages, and get provider and source IP.

-- Who runs the host that answered: the longest suffix that rules.yaml knows.
create or replace temp table known_hosts as
select relay_host, max_by(provider, n) as provider
from (
    select relay_host, n, array_to_string(list_slice(string_split(relay_host, '.'), -n, -1), '.') as suffix
    from (select distinct relay_host from events where kind = 'attempt' and contains(relay_host, '.')), range(1, 6) as labels (n)
) join providers using (suffix)
where kind = 'mx'
group by relay_host;

-- The attempts, which have many columns, are to run past tables of few: where DuckDB guesses that they are fewer, it makes
-- a hash table of them.
set disabled_optimizers = 'build_side_probe_side';

create or replace temp table block_attempts as
select
    *,
    -- The provider counts only if rules.yaml knows it: own domains would each make a template.
    case when template is not null then md5_number_lower(concat_ws(chr(31), mta, coalesce(known_provider, ''), coalesce(smtp_stage, ''),
        coalesce(smtp_code, 0), coalesce(enhanced_status, ''), template)) end as template_id
from (
    -- A select of its own, for an alias that is used is an expression that is computed again.
    select *, case when failed(outcome) then mask_reply(response) end as template
    from (
        select
            a.line_id as attempt_id,
            delivery(coalesce(a.message_key, by_queue(a.host, a.queue_id, m.message_time)), a.recipient) as delivery_id,
            coalesce(m.message_time, a.event_time) as message_time,
            a.event_time, getvariable('format') as mta, a.host, a.instance, a.queue_id,
            coalesce(a.message_id, m.message_id) as message_id,
            coalesce(lower_domain(a.sender), m.sender) as sender,
            lower_domain(a.recipient) as recipient, lower_domain(a.original_recipient) as original_recipient,
            case when contains(a.recipient, '@') then lower(split_part(a.recipient, '@', -1)) end as recipient_domain,
            coalesce(h.provider, d.provider, recipient_domain) as provider,
            coalesce(h.provider, d.provider) as known_provider,
            coalesce(a.source_ip, s.ip, case when contains(a.instance, '.')
                then nullif(regexp_extract(a.instance, '(?:^|[^0-9.])((?:\d{1,3}\.){3}\d{1,3})$', 1), '') end) as source_ip,
            a.relay_host, a.relay_ip,
            case when m.own then 'relayed' else a.outcome end as outcome,
            coalesce(a.smtp_code, case when left(a.response, 1) between '2' and '5' and (a.response[4] in (' ', '-') or length(a.response) = 3)
                then try_cast(left(a.response, 3) as usmallint) end) as smtp_code,
            coalesce(a.enhanced_status, nullif(regexp_extract(a.response, '^[245]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})(?:\s|$)', 1), '')) as enhanced_status,
            a.smtp_stage, a.response,
            a.delay_seconds, coalesce(a.size_bytes, m.size_bytes) as size_bytes, a.tls, a.job_id, a.pool, a.envelope_id, a.mta_category,
            coalesce(a.asynchronous, false) as asynchronous, coalesce(a.suspended, false) as suspended,
            a.pos as source_offset, getvariable('source_name') as source_name
        from (from events where kind = 'attempt') as a
            left join known_messages as m using (host, queue_id, use)
            left join known_hosts as h on h.relay_host = a.relay_host
            left join (select suffix, any_value(provider) as provider from providers where kind = 'domain' group by suffix) as d
                on d.suffix = lower(split_part(a.recipient, '@', -1))
            left join source_ips as s on s.name = a.instance
    )
);

reset disabled_optimizers;

-- A content filter on another host: what it took came back under the queue id that it named, with the same Message-ID. So it is known
-- where the next host is one of ours as well. (Where that is read later: load_hops.sql.)
set variable came_from = (select min(event_time) - interval 1 hour from block_attempts);
set variable came_to = (select max(event_time) + interval 10 minute from block_attempts);

update block_attempts as a set outcome = 'relayed'
from messages as m
where a.outcome = 'delivered' and contains(a.response, 'queued as ') and m.message_id = a.message_id
    and m.queue_id = named_next(a.response) and m.queue_id <> a.queue_id
    and came_next(m.first_time, a.event_time) and m.first_time between getvariable('came_from') and getvariable('came_to')
    and a.message_id <> '';
