-- format: kumomta
-- detect: ^\{.*"type"\s*:\s*"(?:Reception|Delivery|Bounce|TransientFailure|Expiration|AdminBounce|OOB|Feedback|Rejection|Delay(?:ed)?|AdminRebind|DeferredInjectionRebind|XferOut|XferIn)"
-- KumoMTA's log: one JSON object a line (docs.kumomta.com/reference/log_record, crates/kumo-log-types/src/lib.rs).
-- Of its types, Reception, Rejection, Delayed, AdminRebind and the transfers between nodes say nothing of a delivery.

create or replace temp macro kumomta_outcome(type) as case type
    when 'Delivery' then 'delivered'
    when 'TransientFailure' then 'deferred'
    when 'Bounce' then 'bounced'
    when 'OOB' then 'bounced'  -- a bounce message about a delivery
    when 'Expiration' then 'expired'
    when 'AdminBounce' then 'bounced'  -- by our own operator: nothing of it is the recipient's fault, and the rules say so
end;

-- Seconds since 1970, or RFC 3339 where a log hook wrote them so.
create or replace temp macro kumomta_time(pos, s) as case
    when regexp_full_match(s, '\d{9,10}(\.\d+)?') then epoch_time(s::double)
    else iso8601_time(pos, s)
end;

create or replace temp macro kumomta_stage(command, content) as case
    when rtrim(command, chr(13) || chr(10)) = '.' then 'eom'
    when command is null then case when contains(content, 'failed to connect') then 'connect' end
    else case upper(left(command, 4))
        when 'EHLO' then 'helo' when 'HELO' then 'helo' when 'LHLO' then 'helo' when 'STAR' then 'starttls' when 'AUTH' then 'auth'
        when 'MAIL' then 'mail' when 'RCPT' then 'rcpt' when 'DATA' then 'data' when 'BDAT' then 'eom' when 'RSET' then 'quit'
    end
end;

-- The reply as it came: KumoMTA takes the codes off its content, save those of a bounce message.
create or replace temp macro kumomta_reply(code, status, content) as concat_ws(' ',
    code, case when not starts_with(content, status || ' ') then status end, nullif(replace(content, chr(10), ' '), ''));

-- "192.0.2.1:25", "[2001:db8::1]:25"
create or replace temp macro kumomta_ip(address) as nullif(regexp_replace(address, '^\[([^\]]*)\](?::\d+)?$|^([0-9.]+):\d+$', '\1\2'), '');

-- "campaign:tenant@domain": the campaign.
create or replace temp macro kumomta_campaign(queue) as
    case when contains(split_part(queue, '@', 1), ':') and contains(queue, '@') then nullif(split_part(queue, ':', 1), '') end;

-- The spelling is that of the `headers` option of kumo.configure_local_logs.
create or replace temp macro kumomta_message_id(headers) as
    list_any_value(json_extract_string(headers, ['$.Message-ID', '$.Message-Id', '$.message-id']));

create or replace temp macro worth_reading(line) as line <> '' and not starts_with(line, '{"type":"Reception"');

with

entries as materialized (
    select pos, line_id, line, try_cast(line as json) as entry from logged
),

-- What is missing, or of another kind than it should be, is null.
records as materialized (
    select pos, line_id, line, unnest(from_json(entry, '{
        "type": "VARCHAR", "id": "VARCHAR", "timestamp": "VARCHAR", "created": "VARCHAR", "sender": "VARCHAR", "recipient": "JSON",
        "size": "BIGINT", "queue": "VARCHAR", "bounce_classification": "VARCHAR", "egress_pool": "VARCHAR", "egress_source": "VARCHAR",
        "reception_protocol": "VARCHAR", "tls_protocol_version": "VARCHAR", "tls_cipher": "VARCHAR",
        "response": {
            "code": "USMALLINT", "content": "VARCHAR", "command": "VARCHAR",
            "enhanced_code": {"class": "USMALLINT", "subject": "USMALLINT", "detail": "USMALLINT"}
        },
        "peer_address": {"name": "VARCHAR", "addr": "VARCHAR"}, "source_address": {"address": "VARCHAR"},
        "meta": {"campaign": "VARCHAR"}, "headers": "JSON",
        "feedback_report": {
            "feedback_type": "VARCHAR", "user_agent": "VARCHAR", "original_mail_from": "VARCHAR", "original_rcpto_to": ["VARCHAR"],
            "source_ip": "VARCHAR", "original_message": "VARCHAR", "supplemental_trace": {"recipient": "VARCHAR"}
        }
    }'))
    from entries
),

read as not materialized (
    select
        *,
        kumomta_outcome(type) as outcome,
        kumomta_time(pos, timestamp) as event_time,
        kumomta_time(pos, created) as created_time,
        case when json_type(recipient) = 'ARRAY' then recipient::varchar[] else [recipient ->> '$'] end as recipients,
        nullif(response.code, 0) as smtp_code,
        response.enhanced_code.class || '.' || response.enhanced_code.subject || '.' || response.enhanced_code.detail as enhanced_status
    from records
    -- records that KumoMTA itself posts to a log hook travel through its queues like mail
    where reception_protocol is distinct from 'LogRecord'
),

attempts as not materialized (
    select
        'attempt' as kind, pos, event_time,
        kumomta_ip(peer_address.addr) as peer_ip,
        case when outcome = 'delivered' and by_filter(peer_ip, response.content) then 'relayed' else outcome end as outcome,
        -- a message may have several recipients, which share a line
        case when len(recipients) > 1 then md5_number_lower(concat(line_id, ':', unnest(recipients))) else line_id end as line_id,
        unnest(recipients) as recipient,
        unbracketed(sender) as sender,
        id as message_key,
        -- the id of an OOB record is the report's own, as its queue and headers are
        case when type <> 'OOB' then id end as queue_id,
        type = 'OOB' as asynchronous,
        egress_source as instance, egress_pool as pool,
        case when type <> 'OOB' then coalesce(meta.campaign, kumomta_campaign(queue)) end as job_id,
        kumomta_ip(source_address.address) as source_ip,
        nullif(rtrim(lower(peer_address.name), '.'), '') as relay_host,
        case when type <> 'OOB' then peer_ip end as relay_ip,
        smtp_code, enhanced_status,
        kumomta_stage(response.command, response.content) as smtp_stage,
        kumomta_reply(smtp_code, enhanced_status, response.content) as response,
        case when type <> 'OOB' then epoch(event_time) - epoch(created_time) end as delay_seconds,
        nullif(size, 0) as size_bytes,
        nullif(concat_ws(' ', tls_protocol_version, tls_cipher), '') as tls,
        nullif(bounce_classification, 'Uncategorized') as mta_category,
        case when type <> 'OOB' then unbracketed(kumomta_message_id(headers)) end as message_id
    from read
    where outcome is not null and event_time is not null
)

select * exclude (peer_ip) from attempts where contains(recipient, '@')

union all by name

select
    'complaint' as kind, pos, line_id, event_time,
    report.feedback_type as feedback_type,
    report.user_agent as reporter,
    -- what we wrote into the message ourselves is safer than what the reporter left of the address
    unbracketed(coalesce(report.supplemental_trace.recipient, report.original_rcpto_to[1])) as recipient,
    unbracketed(report.original_mail_from) as sender,
    report.source_ip as source_ip,
    nullif(unbracketed(regexp_extract(report.original_message, '(?im)^message-id:\s*(\S+)', 1)), '') as message_id
from (select *, feedback_report as report from read)
where type = 'Feedback' and event_time is not null

union all by name

select 'unparsed' as kind, pos, line_id, line, case
    when type is null then 'not a JSON object with a type'
    when event_time is null then 'no time in timestamp'
    else 'no address in recipient'
end as reason
from read
where type is null
    or (outcome is not null or type = 'Feedback') and event_time is null
    or outcome is not null and len(list_filter(recipients, lambda recipient: contains(recipient, '@'))) = 0
