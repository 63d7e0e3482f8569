-- What analysts may rely on (docs/sql.md), stored in the database so that any DuckDB client sees it.
-- A period is [since, until): its end is not part of it. Times are UTC.

-- Every line about a delivery, with why it failed; those that report no try (`suspended`) are left out of `attempts`.
create or replace view logged_attempts as
select
    a.attempt_id, a.event_time, a.mta, a.host, a.instance, a.queue_id, a.message_id, a.sender, a.recipient,
    a.original_recipient, a.recipient_domain, a.provider, a.source_ip, a.relay_host, a.relay_ip, a.outcome,
    a.smtp_code, a.enhanced_status, a.smtp_stage, a.response, a.template_id,
    case when a.outcome in ('delivered', 'relayed') then 'delivered' else coalesce(t.category, 'undetermined') end as category,
    case
        when a.outcome in ('delivered', 'relayed') then 'none'
        -- What the MTA tried again was not permanent, whatever was said (RFC 3464 section 2.3.3, "delayed").
        when t.act = 'H' and a.outcome <> 'bounced' then 'soft'
        else coalesce(t.bounce_class, 'soft')
    end as bounce_class,
    case when a.outcome not in ('delivered', 'relayed') then t.rule_id end as rule_id,
    a.delay_seconds, a.size_bytes, a.tls, a.job_id, a.pool, a.source_name, a.source_offset,
    a.delivery_id, a.asynchronous,
    case
        when a.outcome in ('delivered', 'relayed') then '-'
        when t.act = 'H' and a.outcome <> 'bounced' then 'S3'
        else coalesce(t.act, 'S0')
    end as act,
    a.mta_category, a.suspended
from attempt_rows a
left join response_templates t using (template_id);

create or replace view attempts as
select * exclude (suspended) from logged_attempts where not suspended;

-- What decides between two lines about a message and recipient. The latest is the last word; a final one beats a deferral
-- of the same second, a later report of a bounce beats the acceptance that it takes back, and any try beats a deferral
-- without one. One number, since a struct of the four takes DuckDB several times the memory.
create or replace macro word_rank(outcome, asynchronous, suspended, event_time, source_offset) as
    (case when asynchronous and outcome = 'bounced' then 2 when asynchronous or suspended then 0 else 1 end::hugeint << 120)
    + (epoch_us(event_time)::hugeint << 60)
    + ((outcome <> 'deferred')::hugeint << 50)
    + source_offset;

-- One row per message and recipient whose last word was said in the period.
create or replace macro outcomes_between(since, until) as table
with last_words as (
    select
        max_by(attempt_id, word_rank(outcome, asynchronous, suspended, event_time, source_offset)) as attempt_id,
        min(event_time) as first_time,
        count(*) filter (outcome <> 'expired' and not asynchronous and not suspended) as attempts
    from attempt_rows
    where delivery_id in (select delivery_id from attempt_rows where event_time >= since and event_time < until)
    group by delivery_id
)
select
    a.delivery_id, w.first_time, a.event_time as last_time, w.attempts,
    a.* exclude (delivery_id, event_time, suspended)
from logged_attempts a
join last_words w using (attempt_id)
where a.event_time >= since and a.event_time < until;

create or replace view outcomes as
from outcomes_between(timestamp '-infinity', timestamp 'infinity');

-- Figures ------------------------------------------------------------------------------------------------------------

-- RFC 5965 section 7.3. A report of type not-spam or auth-failure asks for nothing to be stopped.
create or replace macro is_complaint(feedback_type) as
    lower(coalesce(feedback_type, 'abuse')) in ('abuse', 'fraud', 'virus', 'other');

-- The bounds of the Wilson score interval (E. B. Wilson, JASA 22, 1927) for k of n at 95 %: z = 1.959964; the others are its
-- square, and half and a quarter of that.
create or replace macro wilson_low(k, n) as
    case when n > 0 then greatest(0.0, (k + 1.920729440648e0 - 1.959964e0 * sqrt(k * (n - k)::double / n + 0.960364720324e0)) / (n + 3.841458881296e0)) end;
create or replace macro wilson_high(k, n) as
    case when n > 0 then least(1.0, (k + 1.920729440648e0 + 1.959964e0 * sqrt(k * (n - k)::double / n + 0.960364720324e0)) / (n + 3.841458881296e0)) end;

create or replace macro is_failed(outcome) as outcome in ('bounced', 'expired');

create or replace macro figures_of(delivered, bounced, expired, pending, hard, soft, block, spam, auth, reputation, complaints) as struct_pack(
    messages := delivered + bounced + expired + pending,
    delivered := delivered,
    failed := bounced + expired,
    bounced := bounced,
    expired := expired,
    pending := pending,
    n := delivered + bounced + expired,
    rate := (bounced + expired) / nullif(delivered + bounced + expired, 0),
    low := wilson_low(bounced + expired, delivered + bounced + expired),
    high := wilson_high(bounced + expired, delivered + bounced + expired),
    hard := hard,
    soft := soft,
    block := block,
    hard_soft_ratio := hard / nullif(soft, 0),
    spam := spam,
    auth := auth,
    reputation := reputation,
    complaints := complaints,
    complaint_rate := complaints / nullif(delivered, 0)
);

create or replace macro total(number) as coalesce(sum(number), 0)::bigint;

-- The figures of a group of rows, each of which stands for `number` outcomes or complaints that are alike.
create or replace macro figures(outcome, bounce_class, category, number) as figures_of(
    total(case when outcome = 'delivered' then number end),
    total(case when outcome = 'bounced' then number end),
    total(case when outcome = 'expired' then number end),
    total(case when outcome = 'deferred' then number end),
    total(case when is_failed(outcome) and bounce_class = 'hard' then number end),
    total(case when is_failed(outcome) and bounce_class = 'soft' then number end),
    total(case when is_failed(outcome) and bounce_class = 'block' then number end),
    total(case when is_failed(outcome) and category = 'spam-content' then number end),
    total(case when is_failed(outcome) and category = 'auth-failure' then number end),
    total(case when is_failed(outcome) and category = 'reputation-block' then number end),
    total(case when outcome = 'complaint' then number end)
);

-- The only value of a group, or null when there are several.
create or replace macro only_value(x) as case when min(x) = max(x) then min(x) end;

-- A complaint with what the logs know of the send that it is about.
create or replace macro complaints_between(since, until) as table
with sends as (
    select
        c.complaint_id,
        only_value(a.recipient_domain) as recipient_domain,
        only_value(a.provider) as provider,
        only_value(a.source_ip) as source_ip
    from complaints c
    join attempt_rows a
        on a.message_id = c.message_id
        and (c.recipient is null or lower(a.recipient) = lower(c.recipient))
    where a.outcome = 'delivered' and c.event_time >= since and c.event_time < until
    group by c.complaint_id
)
select
    c.* replace (coalesce(c.source_ip, s.source_ip) as source_ip),
    coalesce(s.recipient_domain, lower(nullif(split_part(c.recipient, '@', -1), ''))) as recipient_domain,
    s.provider
from complaints c
left join sends s using (complaint_id)
where is_complaint(c.feedback_type) and c.event_time >= since and c.event_time < until;

-- What a rate counts: outcomes, save hops within our own systems, and complaints beside them.
create or replace macro counted_between(since, until) as table
select
    last_time as counted_time, recipient_domain, provider, source_ip, outcome, bounce_class, category, template_id,
    1 as number
from outcomes_between(since, until)
where outcome <> 'relayed'
union all
select event_time, recipient_domain, provider, source_ip, 'complaint', 'none', 'feedback', null, 1
from complaints_between(since, until);

create or replace macro rates_between(since, until) as table
select f.* from (
    select figures(outcome, bounce_class, category, number) as f from counted_between(since, until)
);

create or replace macro rates_by_domain_between(since, until) as table
select recipient_domain, f.* from (
    select recipient_domain, figures(outcome, bounce_class, category, number) as f
    from counted_between(since, until) group by all
);

create or replace macro rates_by_provider_between(since, until) as table
select provider, f.* from (
    select provider, figures(outcome, bounce_class, category, number) as f
    from counted_between(since, until) group by all
);

create or replace macro rates_by_source_ip_between(since, until) as table
select source_ip, f.* from (
    select source_ip, figures(outcome, bounce_class, category, number) as f
    from counted_between(since, until) group by all
);

create or replace macro rates_by_source_ip_provider_between(since, until) as table
select source_ip, provider, f.* from (
    select source_ip, provider, figures(outcome, bounce_class, category, number) as f
    from counted_between(since, until) group by all
);

create or replace macro rates_by_day_between(since, until) as table
select day, f.* from (
    select counted_time::date as day, figures(outcome, bounce_class, category, number) as f
    from counted_between(since, until) group by all
);

create or replace macro rates_by_hour_between(since, until) as table
select hour, f.* from (
    select date_trunc('hour', counted_time) as hour, figures(outcome, bounce_class, category, number) as f
    from counted_between(since, until) group by all
);

create or replace view rates_by_domain as from rates_by_domain_between(timestamp '-infinity', timestamp 'infinity');
create or replace view rates_by_provider as from rates_by_provider_between(timestamp '-infinity', timestamp 'infinity');
create or replace view rates_by_source_ip as from rates_by_source_ip_between(timestamp '-infinity', timestamp 'infinity');
create or replace view rates_by_source_ip_provider as
    from rates_by_source_ip_provider_between(timestamp '-infinity', timestamp 'infinity');
create or replace view rates_by_day as from rates_by_day_between(timestamp '-infinity', timestamp 'infinity');
create or replace view rates_by_hour as from rates_by_hour_between(timestamp '-infinity', timestamp 'infinity');

-- What nobody could explain ------------------------------------------------------------------------------------------

create or replace macro unknown_responses_between(since, until) as table
with unknown as (
    select * from response_templates where coalesce(category, 'undetermined') = 'undetermined'
)
select
    u.template_id, u.mta, u.smtp_stage, u.smtp_code, u.enhanced_status, u.template, u.sample,
    count(*) as attempts,
    count(distinct a.delivery_id) as deliveries,
    list_sort(array_agg(distinct a.provider) filter (a.provider is not null)) as providers,
    min(a.event_time) as first_time,
    max(a.event_time) as last_time
from unknown u
join attempt_rows a using (template_id)
where a.event_time >= since and a.event_time < until
    and a.outcome not in ('delivered', 'relayed') and not a.suspended
group by all;

create or replace view unknown_responses as
from unknown_responses_between(timestamp '-infinity', timestamp 'infinity');

-- Addresses ----------------------------------------------------------------------------------------------------------

-- The newest row of an address and stream decides; a release for every stream ends each suppression before it.
create or replace view suppressions as
select
    address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, evidence,
    decided_at, note, number
from suppression_ledger s
where action = 'suppress'
    and not exists (
        from suppression_ledger newer
        where lower(newer.address) = lower(s.address)
            and newer.number > s.number
            and (newer.stream = s.stream or (newer.stream = '' and newer.action = 'release'))
    );

-- State per address; blocks are the sender's fault and so not among the consecutive failures.
create or replace view recipients as
with states as (
    select
        lower(recipient) as address_key,
        max_by(recipient, last_time) as address,
        any_value(recipient_domain) as recipient_domain,
        max_by(provider, last_time) as provider,
        figures(outcome, bounce_class, category, 1) as f,
        min(first_time) as first_time,
        max(last_time) as last_time,
        max_by(outcome, last_time) as last_outcome,
        max_by(category, last_time) as last_category,
        max(last_time) filter (outcome = 'delivered') as delivered_time,
        list(last_time) filter (is_failed(outcome) and bounce_class in ('hard', 'soft')) as failure_times
    from outcomes
    where outcome <> 'relayed'
    group by address_key
)
select
    address, recipient_domain, provider,
    f.messages, f.delivered, f.failed, f.pending, f.hard, f.soft, f.block,
    first_time, last_time, last_outcome, last_category, delivered_time,
    coalesce(len(list_filter(failure_times, lambda failed: delivered_time is null or failed > delivered_time)), 0) as consecutive_failures,
    address_key in (select lower(s.address) from suppressions s) as suppressed
from states;
