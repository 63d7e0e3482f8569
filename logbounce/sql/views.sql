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
    a.mta_category, a.envelope_id, a.suspended
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
    -- A rule whose id begins with guess- knew the code and no word.
    select * from response_templates where coalesce(category, 'undetermined') = 'undetermined' or starts_with(rule_id, 'guess-')
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

-- Whether the rules are right --------------------------------------------------------------------------------------

-- The category that an enhanced status code names by itself (RFC 3463 sections 3.1 to 3.8; RFC 7372 for 7.20 to 7.26); null where
-- it names none: what is `other`, or not of a failure.
create or replace macro status_says(enhanced_status) as case
    when enhanced_status similar to '[45][.]1[.](1|3|4|10)' then 'bad-mailbox'
    when enhanced_status similar to '[45][.]1[.]2' then 'bad-domain'
    when enhanced_status similar to '[45][.]1[.]6' then 'moved'
    when enhanced_status similar to '[45][.]1[.][78]' then 'sender-rejected'
    when enhanced_status similar to '[45][.]2[.]1' then 'inactive-mailbox'
    when enhanced_status similar to '[45][.]2[.]2' then 'mailbox-full'
    when enhanced_status similar to '[45][.](2[.]3|3[.]4)' then 'message-too-big'
    when enhanced_status similar to '[45][.](2[.]4|3[.][0-9]+|4[.]5)' then 'remote-system'
    when enhanced_status similar to '[45][.]4[.][12]' then 'no-answer'
    when enhanced_status similar to '[45][.]4[.]4' then 'bad-domain'
    when enhanced_status similar to '[45][.]4[.][36]' then 'routing-dns'
    when enhanced_status similar to '[45][.]4[.]7' then 'message-expired'
    when enhanced_status similar to '[45][.]5[.][0-9]+' then 'protocol-error'
    when enhanced_status similar to '[45][.]6[.][0-9]+' then 'content-invalid'
    when enhanced_status similar to '[45][.]7[.]2[0-6]' then 'auth-failure'
    when enhanced_status similar to '[45][.]7[.][0-9]+' then 'policy-block'
end;

-- The category that stands for the MTA's own: PowerMTA's bounceCat, KumoMTA's bounce_classification.
create or replace macro mta_says(mta_category) as case mta_category
    when 'bad-mailbox' then 'bad-mailbox' when 'InvalidRecipient' then 'bad-mailbox'
    when 'bad-domain' then 'bad-domain' when 'BadDomain' then 'bad-domain'
    when 'inactive-mailbox' then 'inactive-mailbox' when 'InactiveMailbox' then 'inactive-mailbox'
    when 'quota-issues' then 'mailbox-full' when 'QuotaIssues' then 'mailbox-full'
    when 'no-answer-from-host' then 'no-answer' when 'NoAnswerFromHost' then 'no-answer'
    when 'bad-connection' then 'no-answer' when 'BadConnection' then 'no-answer'
    when 'message-expired' then 'message-expired' when 'MessageExpired' then 'message-expired'
    when 'routing-errors' then 'routing-dns' when 'RoutingErrors' then 'routing-dns' when 'DNSFailure' then 'routing-dns'
    when 'bad-configuration' then 'remote-system' when 'BadConfiguration' then 'remote-system'
    when 'TransientFailure' then 'remote-system'
    when 'TooManyRecipients' then 'rate-limited'
    when 'protocol-errors' then 'protocol-error' when 'ProtocolErrors' then 'protocol-error'
    when 'SpamBlock' then 'reputation-block'
    when 'spam-related' then 'spam-content' when 'SpamRelated' then 'spam-content' when 'SpamContent' then 'spam-content'
    when 'AuthenticationFailed' then 'auth-failure'
    when 'policy-related' then 'policy-block' when 'PolicyRelated' then 'policy-block'
    when 'invalid-sender' then 'sender-rejected' when 'InvalidSender' then 'sender-rejected'
    when 'relaying-issues' then 'relay-denied' when 'RelayDenied' then 'relay-denied'
    when 'virus-related' then 'virus' when 'VirusRelated' then 'virus' when 'ProhibitedAttachment' then 'virus'
    when 'content-related' then 'content-invalid' when 'ContentRelated' then 'content-invalid'
end;

-- Responses of which the reply code alone, the enhanced code alone, the rule and the MTA say different classes.
create or replace macro disagreements_between(since, until) as table
with answers as (
    select
        template_id, mta_category, count(*) as attempts, count(distinct lower(recipient)) as addresses,
        min(event_time) as first_time, max(event_time) as last_time
    from attempt_rows
    where event_time >= since and event_time < until
        and outcome not in ('delivered', 'relayed') and not suspended and template_id is not null
    group by template_id, mta_category
),
opinions as (
    select
        t.template_id, t.mta, t.provider, t.smtp_code, t.enhanced_status, a.mta_category, t.category, t.rule_id,
        case when t.smtp_code between 400 and 499 then 'soft' when t.smtp_code between 500 and 599 then 'hard' end as code_class,
        -- What is worth another try is never hard (RFC 3463 section 2).
        if(t.enhanced_status like '4.%' and s.bounce_class = 'hard', 'soft', s.bounce_class) as status_class,
        if(t.rule_id is not null, t.bounce_class, null) as rule_class,
        m.bounce_class as mta_class,
        a.attempts, a.addresses, a.first_time, a.last_time, t.template, t.sample
    from answers a
    join response_templates t using (template_id)
    left join categories s on s.category = status_says(t.enhanced_status)
    left join categories m on m.category = mta_says(a.mta_category)
)
select
    -- 1: the rule suppresses and the enhanced code or the MTA would not; 2: the other way round; 3: only the reply code, or only
    -- the rule against the reply code, is for it; 4: nobody would suppress.
    case
        when rule_class = 'hard' and (status_class <> 'hard' or mta_class <> 'hard') then 1
        when rule_class is distinct from 'hard' and (status_class = 'hard' or mta_class = 'hard') then 2
        when rule_class = 'hard' or code_class = 'hard' then 3
        else 4
    end as priority,
    list_filter(
        ['rule', 'status', 'mta', 'code'],
        lambda who: case who when 'rule' then rule_class when 'status' then status_class when 'mta' then mta_class else code_class end = 'hard'
    ) as hard_by,
    *
from opinions
where len(list_distinct([code_class, status_class, rule_class, mta_class])) > 1;

create or replace view disagreements as
from disagreements_between(timestamp '-infinity', timestamp 'infinity');

-- Of the addresses that a rule called hard in the period, who accepted mail afterwards, which did not come back later.
create or replace macro rule_errors_between(since, until) as table
with called as (
    select rule_id, category, lower(recipient) as address_key, min(event_time) as hard_time
    from attempts
    where act = 'H' and event_time >= since and event_time < until
    group by rule_id, category, address_key
),
accepting as (
    select lower(recipient) as address_key, max(event_time) as delivered_time
    from attempt_rows
    where outcome = 'delivered' and event_time >= since
        and lower(recipient) in (select address_key from called)
        and delivery_id not in (select delivery_id from attempt_rows where asynchronous and outcome = 'bounced')
    group by address_key
)
select
    rule_id, category, count(*) as addresses,
    count(*) filter (delivered_time > hard_time) as accepted,
    accepted / addresses as rate, wilson_low(accepted, addresses) as low, wilson_high(accepted, addresses) as high,
    max_by(address_key, delivered_time) filter (delivered_time > hard_time) as address,
    max(delivered_time) filter (delivered_time > hard_time) as accepted_time
from called
left join accepting using (address_key)
group by rule_id, category;

create or replace view rule_errors as
from rule_errors_between(timestamp '-infinity', timestamp 'infinity');

-- Addresses ----------------------------------------------------------------------------------------------------------

-- The newest row of an address and stream decides; a person's release for every stream ends each suppression before it, one by
-- new rules only that of its own stream. What was in force when the ledger ended at a number:
create or replace macro suppressions_up_to(last) as table
select
    address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, evidence,
    decided_at, note, number
from suppression_ledger s
where action = 'suppress' and number <= last
    and not exists (
        from suppression_ledger newer
        where lower(newer.address) = lower(s.address)
            and newer.number > s.number and newer.number <= last
            and (newer.stream = s.stream or (newer.stream = '' and newer.action = 'release' and newer.reason <> 'rules'))
    );

create or replace view suppressions as
from suppressions_up_to(9223372036854775807);

-- The version of the rules that is applied, 0 where none is: the last that was not taken back, less one if it is to be.
create or replace macro applied_version(but := 0) as (
    select coalesce(max(version), 0) from rule_versions
    where action = 'apply' and version <> but and version not in (select undoes from rule_versions where undoes is not null)
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

-- Bounce reports -----------------------------------------------------------------------------------------------------

-- One row per recipient that a report named, in the words of RFC 3464 where it has one: those of mailboxes, and those that are
-- in the log of an MTA that took them itself. What such a log leaves out is null; it names one MTA, the remote one.
create or replace view dsn_reports as
with reports as (
    select * from logged_attempts where asynchronous and attempt_id not in (select report_id from report_rows)
),
sends as (
    select delivery_id, min(event_time) as sent_time
    from attempt_rows
    where delivery_id in (select delivery_id from reports) and not asynchronous
    group by delivery_id
)
select
    r.attempt_id as report_id,
    r.event_time,
    case r.outcome when 'delivered' then 'delivered' when 'relayed' then 'delivered' when 'deferred' then 'delayed' else 'bounce' end as kind,
    r.recipient as final_recipient,
    r.original_recipient,
    r.recipient_domain,
    r.provider,
    case r.outcome when 'delivered' then 'delivered' when 'relayed' then 'relayed' when 'deferred' then 'delayed' else 'failed' end as action,
    r.enhanced_status as status,
    r.smtp_code,
    r.response as diagnostic_code,
    r.category, r.bounce_class, r.act, r.rule_id, r.template_id,
    null::varchar as reporting_mta,
    r.relay_host as remote_mta,
    null::timestamp as arrival_date,
    null::timestamp as last_attempt_date,
    r.message_id as original_message_id,
    r.envelope_id as original_envelope_id,
    null::varchar as x_queue_id,
    r.sender,
    s.sent_time is not null as proved,
    case
        when s.sent_time is null then null
        -- the delivery's own id is made of these two where the log ties them (load_attempts.sql)
        when r.delivery_id = md5_number_lower(concat_ws(chr(31), r.message_id, lower(r.recipient))) then 'message_id'
        when r.envelope_id is not null then 'envelope_id'
        else 'sender'
    end as matched,
    case when s.sent_time is not null then r.delivery_id end as delivery_id,
    s.sent_time,
    null::varchar as verp, r.attempt_id, r.mta, r.host, r.source_name, r.source_offset, null::varchar as entry
from reports r
left join sends s using (delivery_id)
union all by name
select
    r.report_id, r.event_time, r.kind,
    coalesce(r.final_recipient, r.recipient) as final_recipient, r.original_recipient,
    lower(split_part(r.recipient, '@', -1)) as recipient_domain, t.provider, r.action, r.status, r.smtp_code, r.diagnostic_code,
    -- As `parse --format dsn` has it: what is no failure has a class of its own, and a failure without words is undetermined.
    case r.kind
        when 'feedback' then if(is_complaint(r.feedback_type), 'feedback', 'not-bounce')
        when 'delivered' then 'delivered'
        else coalesce(t.category, 'undetermined')
    end as category,
    case
        when r.kind in ('feedback', 'delivered') then 'none'
        when t.act = 'H' and r.kind = 'delayed' then 'soft'
        else coalesce(t.bounce_class, 'soft')
    end as bounce_class,
    case
        when r.kind = 'feedback' and is_complaint(r.feedback_type) then 'C'
        when r.kind in ('feedback', 'delivered') then '-'
        when t.act = 'H' and r.kind = 'delayed' then 'S3'
        else coalesce(t.act, 'S0')
    end as act,
    t.rule_id, r.template_id, r.reporting_mta, r.remote_mta, r.arrival_date, r.last_attempt_date,
    r.original_message_id, r.original_envelope_id, r.x_queue_id, r.sender,
    r.matched is not null as proved, r.matched, r.delivery_id, r.sent_time, r.verp, r.attempt_id,
    'dsn' as mta, null as host, r.source_name, null as source_offset, r.entry
from report_rows r
left join response_templates t using (template_id);

-- Incidents ----------------------------------------------------------------------------------------------------------

create or replace macro is_measured(measure, bounce_class, category) as case measure
    when 'failed' then true
    when 'hard_soft' then bounce_class = 'hard'
    when 'spam' then category = 'spam-content'
    when 'auth' then category = 'auth-failure'
    when 'reputation' then category = 'reputation-block'
    else bounce_class = measure
end;

-- What the share is of.
create or replace macro out_of(measure, outcome, bounce_class) as
    count(*) filter (measure <> 'hard_soft' or (is_failed(outcome) and bounce_class in ('hard', 'soft')));

-- Whom a scope tells apart. `<>` is the null reverse-path, as SMTP writes it.
create or replace macro scope_value(scope, recipient_domain, provider, source_ip, sender_domain) as case scope
    when 'domain' then coalesce(recipient_domain, '(unknown)')
    when 'provider' then coalesce(provider, '(unknown)')
    when 'source_ip' then coalesce(source_ip, '(unknown)')
    when 'source_ip_provider' then coalesce(source_ip, '(unknown)') || ' at ' || coalesce(provider, '(unknown)')
    when 'sender_domain' then coalesce(sender_domain, '(unknown)')
end;

-- The share that has `factor` times the odds of a usual one: three times 1 % is 3 %, and three times 50 % is 75 %.
create or replace macro raised(usual, factor) as factor * usual / (1 + (factor - 1) * usual);

-- What is unusual in a period. Each hour is held against the week before it: 8 days, so that a mailing of every Tuesday is held
-- against the last one though it is late. What began up to 7 days before the period is told from its beginning.
create or replace macro incidents_between(since, until) as table
-- The final lines, which are the outcomes but for what was accepted and came back: to pick last words takes memory for
-- each message of two weeks.
with ended as not materialized (
    select
        event_time, date_trunc('hour', event_time) as hour, recipient_domain, provider, source_ip,
        case when sender = '' then '<>' else lower(split_part(sender, '@', -1)) end as sender_domain,
        outcome, bounce_class, category, template_id, coalesce(queue_id, message_id, delivery_id::varchar) as message
    from logged_attempts
    where outcome in ('delivered', 'bounced', 'expired')
        and event_time >= since::timestamp - interval 15 day and event_time < until
),
failures as materialized (
    select
        a.alert_id, scope_value(a.scope, recipient_domain, provider, source_ip, sender_domain) as scope_value,
        e.hour, e.category, e.template_id, count(*) as failed, count(distinct e.message) as messages,
        min(e.event_time) as first_time, max(e.event_time) as last_time,
        any_value(e.recipient_domain) as recipient_domain, any_value(e.provider) as provider,
        any_value(e.source_ip) as source_ip, any_value(e.sender_domain) as sender_domain
    from ended e join alert_thresholds a on is_measured(a.measure, e.bounce_class, e.category)
    where is_failed(e.outcome)
    group by all
),
failed_hours as materialized (
    -- A message that is refused in several words counts once.
    select alert_id, scope_value, hour, sum(failed) as failed, max(messages) as messages
    from failures group by all
),
-- Whoever had too few failures on every day is not looked at again.
suspects as materialized (
    select distinct alert_id, measure, scope, scope_value
    from (
        select alert_id, scope_value, hour::date as day, sum(failed) as failed
        from failed_hours group by all
    ) join alert_thresholds using (alert_id)
    where failed >= min_failed
),
watched as (
    select alert_id, scope_value, hour, out_of(measure, outcome, bounce_class) as n
    from (
        select *, scope_value(scope, recipient_domain, provider, source_ip, sender_domain) as scope_value
        from ended cross join (select distinct scope from suspects)
    )
    join suspects using (scope, scope_value)
    group by all
),
hours as materialized (
    select w.*, coalesce(f.failed, 0) as failed, coalesce(f.messages, 0) as messages
    from watched w left join failed_hours f using (alert_id, scope_value, hour)
    where w.n > 0
),
everyone as (
    select alert_id, hour, sum(coalesce(failed, 0)) over week_before as all_failed, sum(n) over week_before as all_n
    from (
        select alert_id, hour, out_of(measure, outcome, bounce_class) as n
        from ended cross join (from alert_thresholds semi join suspects using (alert_id))
        group by all
    )
    left join (select alert_id, hour, sum(failed) as failed from failures group by all) using (alert_id, hour)
    window week_before as (
        partition by alert_id order by hour range between interval 8 day preceding and interval 1 hour preceding
    )
),
-- An hour of few outcomes is judged together with the next ones of its day: parts of twice `min_n`, since the hour that
-- crosses a border takes nearly `min_n` with it.
laid_out as (
    select
        h.*, a.* exclude (alert_id), e.all_failed, e.all_n,
        sum(h.failed) over week_before as own_failed, sum(h.n) over week_before as own_n,
        -- Its first day is no measure: what is wrong from the beginning would be usual an hour later.
        coalesce(own_n >= a.min_n and min(h.hour) over week_before <= h.hour - interval 1 day, false) as own_usual,
        h.n >= a.min_n as enough,
        count(*) filter (h.n >= a.min_n) over day_so_far as hours_before,
        floor(coalesce(sum(h.n) filter (h.n < a.min_n) over day_so_far, 0) / (2 * a.min_n)) as part
    from hours h
    join alert_thresholds a using (alert_id)
    join everyone e using (alert_id, hour)
    window
        week_before as (
            partition by h.alert_id, h.scope_value order by h.hour
            range between interval 8 day preceding and interval 1 hour preceding
        ),
        day_so_far as (
            partition by h.alert_id, h.scope_value, h.hour::date order by h.hour
            rows between unbounded preceding and 1 preceding
        )
),
stretches as (
    select
        alert_id, any_value(measure) as measure, any_value(scope) as scope, scope_value, any_value(threshold) as threshold,
        any_value(factor) as factor, any_value(min_failed) as min_failed, any_value(min_messages) as min_messages,
        min(hour) as first_hour, max(hour) as last_hour,
        sum(n) as n, sum(failed) as failed, sum(messages) as messages,
        -- Who is new, or has hardly been seen, is held against everybody.
        arg_min(own_usual, hour) as own_usual,
        arg_min(case when own_usual then own_failed else all_failed end, hour) as usual_failed,
        arg_min(case when own_usual then own_n else all_n end, hour) as usual_n
    from laid_out
    group by alert_id, scope_value, hour::date, enough, hours_before, part
    having sum(n) >= any_value(min_n)
),
-- What stands above the limits but may be chance neither begins an incident nor ends one.
judged as (
    select
        *, usual_failed / usual_n as usual_rate, greatest(threshold, raised(usual_failed / usual_n, factor)) as allowed,
        failed / n <= allowed as calm,
        wilson_low(failed, n) > greatest(allowed, wilson_high(usual_failed, usual_n))
            and failed >= min_failed and messages >= min_messages as unusual
    from stretches
    where first_hour >= date_trunc('hour', since::timestamp) - interval 7 day
        -- On its first day nobody knows what is usual.
        and first_hour >= (select min(event_time) from attempt_rows) + interval 1 day
        and usual_n > 0
),
begun as (
    select
        *,
        unusual and (
            lag(unusual) over line is distinct from true
            or first_hour - lag(last_hour) over line > interval 24 hour
        ) as begins
    from judged
    where calm or unusual
    window line as (partition by alert_id, scope_value order by first_hour)
),
numbered as (
    select
        *,
        count(*) filter (begins) over (partition by alert_id, scope_value order by first_hour) as number,
        max(last_hour) over (partition by alert_id, scope_value) as judged_until
    from begun
),
runs as materialized (
    select
        alert_id, measure, scope, scope_value, threshold, min(first_hour) as first_hour, max(last_hour) as last_hour,
        sum(n)::bigint as n, sum(failed)::bigint as failed,
        arg_min(usual_rate, first_hour) as usual_rate, arg_min(usual_n, first_hour)::bigint as usual_n,
        arg_min(own_usual, first_hour) as own_usual,
        max(last_hour) = any_value(judged_until)
            and max(last_hour) >= (select max(event_time) from attempt_rows where event_time < until) - interval 24 hour as ongoing
    from numbered
    where unusual
    group by alert_id, measure, scope, scope_value, threshold, number
),
said as (
    select
        r.alert_id, r.scope_value, r.first_hour, f.category, f.template_id, sum(f.failed) as number,
        min(f.first_time) as first_time, max(f.last_time) as last_time,
        any_value(f.recipient_domain) as recipient_domain, any_value(f.provider) as provider,
        any_value(f.source_ip) as source_ip, any_value(f.sender_domain) as sender_domain
    from runs r
    join failures f
        on f.alert_id = r.alert_id and f.scope_value = r.scope_value and f.hour between r.first_hour and r.last_hour
    group by r.alert_id, r.scope_value, r.first_hour, f.category, f.template_id
),
causes as (
    select
        alert_id, scope_value, first_hour, min(first_time) as first_time, max(last_time) as last_time,
        any_value(recipient_domain) as recipient_domain, any_value(provider) as provider,
        any_value(source_ip) as source_ip, any_value(sender_domain) as sender_domain,
        arg_max(category, (of_category, category)) as category,
        arg_max(template_id, (of_category, category, number, template_id)) as template_id
    from (select *, sum(number) over (partition by alert_id, scope_value, first_hour, category) as of_category from said)
    group by all
),
found as (
    select
        md5_number_lower(concat_ws(chr(31), alert_id, scope_value, c.first_time)) as incident_id,
        alert_id, r.measure, r.scope, scope_value,
        case when r.scope = 'domain' then c.recipient_domain end as recipient_domain,
        case when r.scope in ('provider', 'source_ip_provider') then c.provider end as provider,
        case when r.scope in ('source_ip', 'source_ip_provider') then c.source_ip end as source_ip,
        case when r.scope = 'sender_domain' then c.sender_domain end as sender_domain,
        c.first_time, c.last_time, r.ongoing,
        r.n, r.failed, r.failed / r.n as rate, wilson_low(r.failed, r.n) as low, r.threshold,
        r.usual_rate, r.usual_n, r.own_usual, c.category, c.template_id, t.template, t.sample
    from runs r
    join causes c using (alert_id, scope_value, first_hour)
    left join response_templates t using (template_id)
)
from found wide
where wide.last_time >= since
    -- A source IP (or provider) in whose incident one pair of the two has nine tenths of the failures: that pair tells it.
    and not exists (
        from found pair
        where pair.scope = 'source_ip_provider' and wide.scope in ('source_ip', 'provider')
            and pair.measure in (wide.measure, 'block')
            and (wide.measure = pair.measure or wide.measure in ('spam', 'auth', 'reputation'))
            and case wide.scope when 'provider' then pair.provider is not distinct from wide.provider
                else pair.source_ip is not distinct from wide.source_ip end
            and pair.first_time <= wide.last_time and pair.last_time >= wide.first_time
            and pair.failed >= 0.9 * wide.failed
    );

create or replace view incidents as
from incidents_between(timestamp '-infinity', timestamp 'infinity');
