-- format: postfix
-- detect: (?:^|[ \t/])(?:smtpd?|lmtp|qmgr|nqmgr|cleanup|local|virtual|pipe|pickup|error|retry|bounce|discard|relay|postscreen|anvil|master|scache|tlsmgr|postfix-script|trivial-rewrite|verify|trace|dnsblog|tlsproxy|proxymap|smtps|submission)(?:\[\d+\])?(?::[ \t]|"|\] | (?:\d+|-) )|[ \t]postfix(?:@\S*)?\.service\[\d+\]: |: to=<[^>]*>, (?:orig_to=<[^>]*>, )?relay=[^,]*, |: from=<[^>]*>, size=\d+, nrcpt=\d+ 
-- Postfix logs in the words of src/global/log_adhoc.c (attempts), src/qmgr/qmgr_active.c (queue), src/cleanup/cleanup_message.c
-- (message-id), src/bounce/bounce_notify_service.c (own DSNs).

create or replace temp macro postfix_outcome(status, reason, relay, tag) as case
    when status in ('deferred', 'SOFTBOUNCE') then 'deferred'
    when status = 'bounced' then 'bounced'
    when starts_with(reason, 'forwarded as ') or ends_with(tag, '/discard') or reason = 'delivered to file: /dev/null' then 'relayed'  -- an alias; nobody
    when (contains(relay, '[127.0.0.1]') or contains(relay, '[::1]')) and (contains(reason, 'queued as ') or contains(reason, ' Ok, discarded, ')
            or regexp_full_match(reason, '250 2\.5\.0 OK \([0-9A-F]+\)'))
        then 'relayed'  -- a content filter; amavis says when it keeps the mail, Proxmox Mail Gateway's gives the id that its own log has
    when reason = 'undeliverable postmaster notification discarded' then 'relayed'  -- double-bounce (src/global/bounce.c)
    else 'delivered'
end;

-- "(in reply to X command)" ends what a server said; else what the client was doing (src/smtp/smtp_proto.c, xfer_states).
create or replace temp macro postfix_stage(reason) as case
    when contains(reason, '(in reply to ') then case regexp_extract(reason, '\(in reply to ([^()]*?)(?: command)?\)$', 1)
        when 'HELO' then 'helo' when 'EHLO' then 'helo' when 'LHLO' then 'helo' when 'STARTTLS' then 'starttls' when 'AUTH' then 'auth'
        when 'MAIL FROM' then 'mail' when 'RCPT TO' then 'rcpt' when 'DATA' then 'data' when 'end of DATA' then 'eom'
        when 'sending message body' then 'eom' when 'RSET' then 'quit' when 'QUIT' then 'quit' end
    when contains(reason, ' refused to talk to me: ') or contains(reason, 'connect to ') then 'connect'
    when starts_with(reason, 'SASL authentication failed') or starts_with(reason, 'SASL [CACHED] authentication failed') then 'auth'
    -- smtp_proto.c: not offered, refused, no handshake, no certificate that will do
    when starts_with(reason, 'TLS is required, but ') or starts_with(reason, 'Cannot start TLS: ') or starts_with(reason, 'Server certificate not ')
        or contains(reason, ' refused to start TLS: ') then 'starttls'
    when contains(reason, ' while ') then case regexp_extract(reason, ' while (?:sending|receiving|performing) (.*)$', 1)
        when 'the initial server greeting' then 'connect' when 'the EHLO handshake' then 'helo' when 'the HELO handshake' then 'helo'
        when 'the LHLO handshake' then 'helo' when 'the STARTTLS response' then 'starttls' when 'the TLS handshake' then 'starttls'
        when 'MAIL FROM' then 'mail' when 'RCPT TO' then 'rcpt' when 'DATA command' then 'data' when 'message body' then 'eom'
        when 'end of data -- message may be sent more than once' then 'eom' when 'final RSET' then 'quit' when 'QUIT' then 'quit' end
end;

-- What the server said, without who it was and what it answered: rules must not match a host's name.
create or replace temp macro postfix_said(reason) as case
    when starts_with(reason, 'host ') and contains(reason, ' said: ')
        then regexp_replace(substring(reason, strpos(reason, ' said: ') + 7), ' \(in reply to [^()]*\)$', '')
    when starts_with(reason, 'host ') and contains(reason, ' refused to talk to me: ')
        then substring(reason, strpos(reason, ' refused to talk to me: ') + 24)
    else reason
end;
create or replace temp macro postfix_reply(reason) as
    postfix_said(case when starts_with(reason, 'delivery temporarily suspended: ') then substring(reason, 33) else reason end);

-- A reply code behind words of Postfix that are kept: they say more than the reply does (smtp_proto.c, smtp_sasl_glue.c).
create or replace temp macro postfix_code(reason) as case
    when contains(reason, ' refused to start TLS: ') or starts_with(reason, 'SASL ')
    then try_cast(regexp_extract(reason, ' (?:refused to start TLS|said): ([45]\d\d)[ -]', 1) as usmallint)
end;

-- A queue id; not "warning: header Subject: ..." and what else a stranger may have put before the words that are looked for.
create or replace temp macro one_word(x) as x <> '' and not contains(x, ' ') and not contains(x, ':');

-- A long reply is cut where the room ends: 1,024 bytes of RFC 3164 section 4.1, 2,000 of src/util/msg_syslog.c. A line that is cut
-- before is damaged.
create or replace temp macro too_long(line) as strlen(line) >= 1000;

-- The name of the instance, or of the transport that has one of its own (syslog_name): what is before the last slash.
create or replace temp macro postfix_instance(tag) as nullif(left(tag, -strpos(reverse(tag), '/')), '');

create or replace temp macro worth_reading(line) as
    contains(line, ': to=') or contains(line, ': message-id=') or contains(line, '>, size=') or ends_with(line, ': removed')
    or contains(line, ' notification: ') or contains(line, 'expired, returned to sender') or not contains(line, ']: ');

with

candidates as not materialized (
    select pos, line_id, line, event_time, host, tag, repeats, text,
        left(text, strpos(text, ': to=<') - 1) as queue_id,
        -- `>, relay=` ends the addresses. One that is quoted can hold anything (RFC 5321 section 4.1.2), so it is passed over whole.
        case when contains(text, ': to=<"') then length(regexp_extract(text, '^[^:]*: to=<"(?:[^"\\]|\\.)*"@[^>]*')) else 0 end as quoted
    from (
        -- Postfix puts an address in brackets; who makes logs anonymous may not
        select * replace (case when contains(text, ': to=<') then text
            else regexp_replace(text, '^([^\s:]+: to=)([^\s<>,]+)(, relay=)', '\1<\2>\3') end as text)
        from logged
        where contains(text, ': to=')
    )
),

addressed as not materialized (
    select *,
        case when quoted = 0 then strpos(text, '>, relay=')
            else quoted + strpos(substring(text, quoted + 1), '>, relay=') end as relay_at
    from candidates
),

parted as not materialized (
    select *,
        left(text, relay_at - 1) as addresses,
        substring(text, relay_at + 9) as told,
        strpos(told, ', status=') as status_at,
        string_split(left(told, status_at - 1), ', ') as keys,  -- relay [conn_use=] delay= delays= [tls=] dsn=
        substring(told, status_at + 9) as ending
    from addressed
),

numbered as not materialized (
    select *,
        case when starts_with(keys[2], 'conn_use=') then 1 else 0 end as reused,
        ends_with(text, ')') as closed,
        strpos(ending, ' (') as reason_at
    from parted
),

read as materialized (
    select
        pos, line_id, line, event_time, host, tag, repeats, queue_id, addresses,
        lower(keys[1]) as relay,
        substring(keys[2 + reused], 7) as delay,
        case when starts_with(keys[4 + reused], 'tls=') then substring(keys[4 + reused], 5) end as tls,
        case when starts_with(keys[-1], 'dsn=') then substring(keys[-1], 5) end as dsn,
        keys[3 + reused] is null as before_2_3,  -- had neither delays= nor dsn=
        left(ending, reason_at - 1) as status,
        substring(ending, reason_at + 2, length(ending) - reason_at - case when closed then 2 else 1 end) as reason,
        case when quoted > 0 then substring(left(text, quoted), length(queue_id) + 7)
            else split_part(substring(addresses, length(queue_id) + 7), '>, orig_to=<', 1) end as recipient,
        event_time is not null and relay_at > quoted and status_at > 0 and reason_at > 0 and (closed or too_long(line)) as whole
    from numbered
    where one_word(queue_id)
),

attempts as not materialized (
    select
        'attempt' as kind, pos, line_id, repeats, event_time, host, queue_id,
        postfix_instance(tag) as instance,
        recipient,
        case when contains(addresses, '>, orig_to=<') then split_part(addresses, '>, orig_to=<', 2) end as original_recipient,
        case when relay <> 'none' then split_part(relay, '[', 1) end as relay_host,
        case
            when contains(relay, ']:') then split_part(split_part(relay, '[', 2), ']', 1)
            when ends_with(relay, ']') then nullif(regexp_extract(relay, '\[([0-9.]+|[0-9a-f.]*:[0-9a-f.:]+)\]$', 1), '')  -- a socket, or before 2.3
        end as relay_ip,
        postfix_outcome(status, reason, relay, tag) as outcome,
        status <> 'sent' and starts_with(reason, 'delivery temporarily suspended: ') as suspended,
        case when status <> 'sent' then postfix_code(reason) end as smtp_code,
        dsn as enhanced_status,
        case when status <> 'sent' then postfix_stage(reason) end as smtp_stage,
        case when status <> 'sent' then postfix_reply(reason) else reason end as response,
        try_cast(delay as double) as delay_seconds,
        tls
    from read
    where whole and (dsn is not null or before_2_3) and recipient <> '' and status in ('sent', 'deferred', 'bounced', 'SOFTBOUNCE')
)

select * from attempts

union all by name

-- An attempt by its look, but cut short or in words that no Postfix writes. (Not a program without a service, such as
-- sendmail's, and no severity of src/util/msg_output.c.)
select 'unparsed' as kind, pos, line_id, 'a delivery line without its dsn=, status= or closing bracket' as reason, line
from read
where event_time is not null and (contains(line, ' status=') or contains(tag, '/') and queue_id not in ('info', 'warning', 'error', 'fatal', 'panic')) and not (whole and (dsn is not null or before_2_3) and recipient <> ''
    and status in ('sent', 'deferred', 'bounced', 'SOFTBOUNCE', 'deliverable', 'undeliverable', 'undeliverable-but-not-cached', 'canceled'))

union all by name

select 'unparsed' as kind, pos, line_id, 'no syslog header' as reason, line
from logged
where event_time is null and not between_lines(line)

union all by name

select
    'message' as kind, pos, event_time, host,
    left(text, strpos(text, ': message-id=') - 1) as queue_id,
    postfix_instance(tag) as instance,
    true as begins,
    case when not ends_with(given, '>') and starts_with(given, '<') and contains(given, '>')
        then regexp_extract(given, '^<(.*)>', 1) else unbracketed(given) end as message_id
from (select *, substring(text, strpos(text, ': message-id=') + 13) as given from logged)
where contains(text, ': message-id=') and one_word(left(text, strpos(text, ': message-id=') - 1))

union all by name

select
    'message' as kind, pos, event_time, host,
    left(text, strpos(text, ': from=<') - 1) as queue_id,
    postfix_instance(tag) as instance,
    case when contains(text, ': from=<"')
        then regexp_extract(text, '^[^:]*: from=<("(?:[^"\\]|\\.)*"@[^>]*)>', 1)
        else substring(text, strpos(text, ': from=<') + 8, strpos(text, '>, size=') - strpos(text, ': from=<') - 8) end as sender,
    try_cast(split_part(substring(text, strpos(text, '>, size=') + 8), ',', 1) as bigint) as size_bytes
from logged
where contains(text, '>, size=') and contains(text, ': from=<') and one_word(left(text, strpos(text, ': from=<') - 1))

union all by name

select 'message' as kind, pos, event_time, host, left(text, length(text) - 9) as queue_id, postfix_instance(tag) as instance, true as closes
from logged
where ends_with(text, ': removed') and one_word(left(text, length(text) - 9))

union all by name

-- "sender non-delivery notification: ID", "sender delay notification: ID", "postmaster ... notification: ID": ID is our own DSN.
select 'own' as kind, pos, line_id, event_time, host, split_part(text, ' notification: ', 2) as queue_id
from logged
where contains(text, ' notification: ') and event_time is not null
    and regexp_full_match(text, '[0-9A-Za-z]{5,20}: (?:sender|postmaster) [a-z -]* ?notification: [0-9A-Za-z]{5,20}')

union all by name

select 'expiry' as kind, pos, line_id, event_time, host, split_part(text, ': from=<', 1) as queue_id, postfix_instance(tag) as instance
from logged
where contains(text, 'expired, returned to sender') and event_time is not null
    and regexp_full_match(text, '[0-9A-Za-z]{5,20}: from=<.*>, status=(?:force-)?expired, returned to sender')
