-- Schema version 1. Times are UTC; ids are the lower 64 bits of an MD5, so they are the same in every database.

create table meta (key varchar not null, value varchar not null);

-- One row per delivery attempt as the MTA logged it. No primary key: DESIGN.md measured it four times slower;
-- load drops repeats by anti-join on attempt_id.
create table attempt_rows (
    attempt_id ubigint not null,      -- of the log line (and the recipient, where one line closes several)
    delivery_id ubigint not null,     -- of the message and the recipient
    event_time timestamp not null,
    mta varchar not null,
    host varchar,
    instance varchar,                 -- Postfix syslog_name, Exim transport, PowerMTA vmta, KumoMTA egress source
    queue_id varchar,
    message_id varchar,
    sender varchar,                   -- '' is the null reverse-path (RFC 5321 section 4.5.5)
    recipient varchar not null,       -- local part as logged, domain lower-case A-labels
    original_recipient varchar,
    recipient_domain varchar,
    provider varchar,
    source_ip varchar,
    relay_host varchar,
    relay_ip varchar,
    outcome varchar not null,         -- delivered, deferred, bounced, expired, relayed
    smtp_code usmallint,
    enhanced_status varchar,
    smtp_stage varchar,               -- connect, helo, starttls, auth, mail, rcpt, data, eom, quit
    response varchar,
    template_id ubigint,              -- null for what was accepted
    delay_seconds double,
    size_bytes bigint,
    tls varchar,
    job_id varchar,
    pool varchar,
    mta_category varchar,             -- the MTA's own opinion: PowerMTA bounceCat, KumoMTA bounce_classification
    asynchronous boolean not null,    -- a later report on what had been accepted (PowerMTA rb, KumoMTA OOB)
    suspended boolean not null,       -- deferred without a try (Postfix "delivery temporarily suspended"): not in `attempts`
    source_name varchar not null,
    source_offset bigint not null
);

-- What is known of a message beside its attempts: from its first line to its removal from the queue.
create table messages (
    host varchar not null,
    queue_id varchar not null,
    first_time timestamp not null,
    closed_time timestamp,
    sender varchar,
    message_id varchar,
    size_bytes bigint,
    begun boolean not null,           -- its first line was read; false: the log began in the middle of it
    own boolean not null              -- our MTA's own DSN: its attempts are `relayed`
);

create table response_templates (
    template_id ubigint not null,
    mta varchar,
    provider varchar,                 -- null unless rules.yaml knows it
    smtp_stage varchar,
    smtp_code usmallint,
    enhanced_status varchar,
    template varchar not null,        -- the response with its variable parts masked
    sample varchar not null,          -- one response of this template
    category varchar,                 -- null until classified
    bounce_class varchar,             -- hard, soft, block, none
    act varchar,                      -- H, S3, S0, B, C, -
    rule_id varchar,
    first_time timestamp not null
);

create table complaints (
    complaint_id ubigint not null,
    event_time timestamp not null,
    mta varchar,
    host varchar,
    feedback_type varchar,            -- RFC 5965 section 7.3: abuse, fraud, virus, other, not-spam, auth-failure
    recipient varchar,
    sender varchar,
    message_id varchar,
    source_ip varchar,
    reporter varchar,                 -- User-Agent or reporting MTA
    job_id varchar,
    source_name varchar not null,
    source_offset bigint not null
);

create table sources (
    source_name varchar not null,
    path varchar not null,
    format varchar not null,
    carrier varchar not null,
    device ubigint,
    inode ubigint,
    fingerprint varchar not null,     -- SHA-256 of the first fingerprint_length bytes, uncompressed
    fingerprint_length integer not null,
    tail_fingerprint varchar not null,  -- SHA-256 of the tail_length bytes before `position`
    tail_length integer not null,
    position bigint not null,         -- bytes of whole lines read and committed, uncompressed
    provisional ubigint[] not null,   -- what was read of a last line that had no end yet: dropped when the file is read on
    size_bytes bigint,                -- of the file when last seen
    lines_read bigint not null,
    attempts bigint not null,
    noise bigint not null,            -- understood and not about a delivery
    unparsed bigint not null,
    first_time timestamp,
    last_time timestamp,
    committed_at timestamp not null
);

-- Addresses of which something was stored that the policy has not judged yet.
create table undecided_addresses (address varchar not null);

create table unparsed_lines (
    line_id ubigint not null,
    source_name varchar not null,
    source_offset bigint not null,
    reason varchar not null,
    line varchar not null             -- its first 4,096 characters
);

-- What the rules file says, so that an analyst can join it.
create table categories (category varchar not null, bounce_class varchar not null, act varchar not null, scope varchar not null, says varchar not null);
create table providers (provider varchar not null, kind varchar not null, suffix varchar not null);  -- kind: mx or domain
create table rules (position integer not null, rule_id varchar not null, category varchar not null, origin varchar not null, why varchar, source varchar);
create table policies (
    stream varchar not null,          -- '' is everything else
    sender_pattern varchar,           -- LIKE pattern on the sender, null for the default
    preset varchar not null,
    hard_limit integer,               -- hard bounces that suppress; null or 0: never
    soft_limit integer,               -- soft bounces (act S3) within the window that suppress
    window_hours integer,
    repeat_hours integer,             -- the same message counts again after this long
    any_limit integer,                -- bounces of any kind (act H or S3) that suppress, with no window
    reset varchar not null            -- consecutive: a delivery starts the count again; total: it does not
);

create sequence suppression_numbers;
-- Append only. The newest row of an address decides.
create table suppression_ledger (
    number bigint not null default nextval('suppression_numbers'),
    decided_at timestamp not null,
    action varchar not null,          -- suppress, release
    address varchar not null,         -- compared without case
    stream varchar not null,          -- '' for every stream
    reason varchar not null,          -- hard, soft, any, complaint, manual
    category varchar,
    rule_id varchar,
    policy varchar,
    bounces integer,                  -- how many bounces were counted
    first_evidence timestamp,
    last_evidence timestamp,
    evidence ubigint[],               -- attempt_id or complaint_id of each
    note varchar
);
