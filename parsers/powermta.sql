-- format: powermta
-- detect: ^"?(?:d|b|t|tq|rb|rs|r|f)"? ?,.*(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|\b1\d{9}\b)
-- header: (?i)^"?type"? ?,.*\b(?:timeLogged|timeQueued|dsnStatus|dsnDiag|dsnAction|bounceCat|rcpt|orig)\b
-- PowerMTA's accounting file (User's Guide, "Accounting records"): CSV as RFC 4180 has it. The first column is the type of
-- record, the others are the operator's choice; the variable `columns` names them, from the header line or the settings.

create or replace temp macro powermta_names() as
    string_split(replace(replace(lower(array_to_string(getvariable('columns')::varchar[], ',')), '"', ''), ' ', ''), ',');

create or replace temp macro worth_reading(line) as line <> '';

-- A comma within quotes is U+001F until the fields are split. Between two pieces of quoted text, nothing is a doubled quote.
create or replace temp macro powermta_unquoted(pieces) as array_to_string(list_transform(pieces, lambda piece, n: case
    when n % 2 = 0 then replace(piece, ',', chr(31))
    when piece = '' and n > 1 and n < len(pieces) then '"'
    else piece
end), '');
create or replace temp macro powermta_closed_up(line) as
    case when contains(line, ', ') or contains(line, ' ,') then regexp_replace(line, ' *, *', ',', 'g') else line end;
create or replace temp macro powermta_split(line) as string_split(powermta_closed_up(
    case when contains(line, '"') then powermta_unquoted(string_split(line, '"')) else line end), ',');
create or replace temp macro powermta_field(fields, name) as nullif(fields[list_position(powermta_names(), name)], '');
create or replace temp macro powermta_text(fields, name) as replace(powermta_field(fields, name), chr(31), ',');

-- "2016-08-01 14:06:01-0400", the same without a zone, or (iso-times no) seconds since 1970.
create or replace temp macro powermta_time(pos, s) as case
    when contains(s, ':') and not dated(s) then null
    when contains(s, ':') then coalesce(make_timestamp(epoch_us(try_strptime(s, '%Y-%m-%d %H:%M:%S%z'))), iso8601_time(pos, s))
    when strlen(s) = 10 then epoch_time(try_cast(s as double))
end;

-- A row's place tells when it was logged, not when its message was queued. Of a queue time in an hour that came twice, `later` is the
-- second pass and this the first: what an hour less on the clock was, and an hour (in Lord Howe's half hour also for the one after it).
create or replace temp macro powermta_earlier(s, later) as case
    when getvariable('zone') = 'UTC' or later is null or strlen(s) <> 19 then later  -- not YYYY-MM-DD HH:MM:SS, but with a zone, or seconds
    else least(later, later_utc(try_cast(s as timestamp) - interval 1 hour) + interval 1 hour)
end;

-- A tq record stands for a failed connection that put off a whole queue and names no recipient, so it is no attempt of
-- anyone's: the t, d and b records that follow are. r is an arrival; rs is a report that is not a failure.
create or replace temp macro powermta_type(fields) as case lower(trim(fields[1]))
    when 'd' then 'd' when 'delivery' then 'd'
    when 'b' then 'b' when 'bounce' then 'b'
    when 't' then 't' when 'transient' then 't'
    when 'rb' then 'rb' when 'remote-bounce' then 'rb'
    when 'f' then 'f' when 'feedback-loop' then 'f'
    when 'tq' then 'noise' when 'transient-queue' then 'noise'
    when 'r' then 'noise' when 'receipt' then 'noise'
    when 'rs' then 'noise' when 'remote-status' then 'noise'
    when 'type' then 'header'
end;

create or replace temp macro powermta_outcome(type, status, diagnosis, category, delivery, relay_ip) as case
    when type = 'd' and delivery = 'discard' then 'relayed'  -- to nobody
    when type = 'd' and by_filter(relay_ip, diagnosis) then 'relayed'
    when type = 'd' then 'delivered'
    when type = 't' then 'deferred'
    when type = 'rb' then 'bounced'
    -- RFC 3463 section 3.5: X.4.7 delivery time expired
    when status like '_.4.7%' or category = 'message-expired' or contains(diagnosis, 'delivery time expired') then 'expired'
    else 'bounced'
end;

-- RFC 3464 section 2.3.6: "smtp;550 ...", "x-...;...". Where nothing was said, the comment of the status says what happened.
create or replace temp macro powermta_said(status, diagnosis) as case
    when diagnosis is null then rtrim(split_part(status, '(', 2), ')')
    when lower(left(diagnosis, 5)) = 'smtp;' then ltrim(substring(diagnosis, 6))
    else regexp_replace(diagnosis, '^x-[a-z0-9-]+; ?', '', 'i')
end;

-- "5.1.1 (bad destination mailbox address)". X.0.0 is what PowerMTA makes of a code alone: a status in the reply says more.
create or replace temp macro powermta_status(status, said) as case
    when split_part(status, ' ', 1) in ('4.0.0', '5.0.0') and regexp_matches(said, '^[245]\d\d[ -]#?[245]\.\d') then null
    else split_part(status, ' ', 1)
end;

-- There is no queue id. Rows about one message share its Message-Id (where it is logged), else when it was queued, from whom
-- and its ids. A report of a later bounce (rb) has no timeQueued: without a Message-Id, only sender and recipient tell.
-- (`queued` is the first pass of an hour that came twice, wherever the row stands.)
create or replace temp macro powermta_key(logged, queued, message_id, sender, envelope_id, job_id) as case
    when message_id is not null then message_id
    when queued is not null or envelope_id is not null or job_id is not null
        then concat_ws(chr(31), epoch_us(queued), sender, envelope_id, job_id)
    else concat_ws(chr(31), epoch_us(logged), sender)
end;

with

rows as not materialized (
    select pos, line_id, line, powermta_split(line) as fields from logged
),

known as materialized (
    select
        *,
        powermta_type(fields) as type,
        len(fields) = len(powermta_names()) as whole,
        powermta_time(pos, powermta_field(fields, 'timelogged')) as event_time,
        powermta_time(null::bigint, powermta_field(fields, 'timequeued')) as queued_later,
        powermta_text(fields, 'rcpt') as rcpt
    from rows
),

read as not materialized (
    select
        *,
        powermta_earlier(powermta_field(fields, 'timequeued'), queued_later) as queued,
        powermta_text(fields, 'orig') as sender,
        powermta_text(fields, 'dsnstatus') as status,
        powermta_text(fields, 'dsndiag') as diagnosis,
        regexp_replace(powermta_field(fields, 'dsnmta'), '^dns; *', '', 'i') as relay,  -- RFC 3464 section 2.3.5
        powermta_field(fields, 'bouncecat') as category,
        powermta_field(fields, 'jobid') as job_id,
        powermta_field(fields, 'envid') as envelope_id,
        powermta_field(fields, 'dlvsourceip') as source_ip,
        unbracketed(powermta_text(fields, 'header_message-id')) as message_id
    from known
),

attempts as not materialized (
    select
        'attempt' as kind, pos, line_id, event_time, message_id, source_ip, job_id, envelope_id,
        -- an empty field is the null reverse-path; a later report (rb) need not know whose mail it was
        case when sender is null and type <> 'rb' and list_contains(powermta_names(), 'orig') then '' else sender end as sender,
        powermta_key(event_time, queued, message_id, sender, envelope_id, job_id) as message_key,
        powermta_field(fields, 'vmta') as instance,
        powermta_field(fields, 'vmtapool') as pool,
        rcpt as recipient,
        regexp_replace(powermta_text(fields, 'orcpt'), '^rfc822; ?', '', 'i') as original_recipient,
        -- "host (ip)"; "[ip] (ip)" where there was no MX
        case when not starts_with(relay, '[') then nullif(lower(rtrim(split_part(relay, '(', 1))), '') end as relay_host,
        coalesce(nullif(split_part(split_part(relay, '(', 2), ')', 1), ''), powermta_field(fields, 'dlvdestinationip')) as relay_ip,
        powermta_outcome(type, status, diagnosis, category, powermta_field(fields, 'dlvtype'), relay_ip) as outcome,
        type = 'rb' as asynchronous,
        powermta_status(status, powermta_said(status, diagnosis)) as enhanced_status,
        powermta_said(status, diagnosis) as response,
        epoch(event_time) - epoch(not_after(event_time, queued_later, queued)) as delay_seconds,
        try_cast(powermta_field(fields, 'dlvsize') as bigint) as size_bytes,
        nullif(concat_ws(' ', powermta_field(fields, 'dlvtlsprotocol'), powermta_field(fields, 'dlvtlscipher')), '') as tls,
        nullif(category, 'success') as mta_category
    from read
    where whole and type in ('d', 'b', 't', 'rb') and event_time is not null and contains(rcpt, '@')
)

select * from attempts

union all by name

select
    'complaint' as kind, pos, line_id, event_time, message_id, job_id,
    powermta_field(fields, 'feedbacktype') as feedback_type,
    coalesce(powermta_text(fields, 'useragent'), powermta_field(fields, 'reportingmta')) as reporter,
    coalesce(rcpt, nullif(regexp_extract(powermta_text(fields, 'header_to'), '([^\s<>,"]+@[^\s<>,"]+)', 1), '')) as recipient,
    coalesce(sender, unbracketed(powermta_text(fields, 'header_return-path'))) as sender,
    coalesce(source_ip, powermta_field(fields, 'repsourceip')) as source_ip
from read
where whole and type = 'f' and event_time is not null

union all by name

select 'unparsed' as kind, pos, line_id, line, case
    when type = 'header' then 'a header line with other columns than the first'
    when type is null then 'an unknown type of record'
    when not whole then 'not as many fields as there are columns'
    when event_time is null then 'no time in timeLogged'
    else 'no address in rcpt'
end as reason
from read
where type is null or case type
    when 'noise' then false
    when 'header' then list_transform(fields, lambda field: lower(trim(field))) <> powermta_names()
    when 'f' then not whole or event_time is null
    else not whole or event_time is null or not contains(coalesce(rcpt, ''), '@')
end
