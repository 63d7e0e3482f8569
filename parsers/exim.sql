-- format: exim
-- detect: (?:^|[ "\]\ufeff])(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4}) (?:<=|=>|->|>>|\*>|\*\*|==|Completed|Frozen|Unfrozen|Message is frozen|H=|SMTP )|(?:^|[ /])exim\d?(?:\[\d+\])?: |^\ufeff?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})? (?:\[\d+\] )?(?:exim \d|Start queue run|End queue run|cwd=|H=|SMTP |TLS error on |Connection from |no (?:host name|IP address) found for |no MAIL in SMTP |unexpected disconnection |\w+ authenticator failed )
-- Exim logs deliveries, failures and deferrals in src/deliver.c (delivery_log, failure_log, deferral_log), arrivals in
-- src/receive.c; what a server said is worded in src/transports/smtp.c (check_response) and src/transports/lmtp.c.

-- [PART/PARTS] of a line that syslog would not take (src/log.c, write_syslog), STAMP, [PID], ID and FLAG: what comes first in
-- every line about a message, and holds nothing of a stranger's. The ID is 6-6-2 characters, from 4.97 on 6-11-4.
create or replace temp macro exim_head(t) as regexp_extract(
    left(t, 96),
    '^(?:\[1[/\\]\d+\] )?(?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?) )?(?:\[\d+\] )?'
    '([0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4}) '
    '(<=|\(=|=>|->|>>|\*\*|==|Completed|cancelled by|removed by)(?: |$)',
    ['stamp', 'queue_id', 'flag']);

-- Exim's own stamp, to the millisecond and with its zone if so configured; without one (syslog_timestamp = false) the carrier's.
create or replace temp macro exim_time(pos, stamp, carried) as case
    when stamp = '' then carried
    when not dated(stamp) then null
    when strlen(stamp) <= 23 then local_to_utc(pos, try_cast(stamp as timestamp))
    else iso8601_time(pos, replace(replace(stamp, ' +', '+'), ' -', '-'))
end;

-- An address is logged without its quotes, followed by the one that was given: `odd, name@dom <"odd, name"@dom>`. Then only the
-- second tells where the first ends, for it may hold anything, even what looks like the rest of a line. What is looked for is
-- the longest beginning of the line that is followed by itself in quotes ('' if there is too much to look through).
create or replace temp macro exim_quoted_at(given, k) as regexp_extract('"' || array_to_string(given[k + 1:], ' <"'), '^"(?:[^"\\]|\\.)*"@[^\s<>]+');
create or replace temp macro exim_unquoted(address) as
    regexp_replace(regexp_replace(address, '^"((?:[^"\\]|\\.)*)"@', '\1@'), '\\(.)', '\1', 'g');
create or replace temp macro exim_quoted_in(given) as list_filter(
    list_transform(list_reverse(range(1, len(given))), lambda k: struct_pack(
        shown := array_to_string(given[:k], ' <"'), quoted := exim_quoted_at(given, k))),
    lambda c: c.quoted <> '' and lower(c.shown) = lower(exim_unquoted(c.quoted)))[1].quoted;
create or replace temp macro exim_quoted(rest) as case
    when not contains(rest, ' <"') then null
    when len(string_split(rest, ' <"')) > 100 then ''
    else exim_quoted_in(string_split(rest, ' <"'))
end;

-- ADDRESS, ADDRESS <GIVEN>, PIPE-OR-FILE (PARENT) <GIVEN>, as string_log_address() in src/deliver.c writes them.
create or replace temp macro exim_addresses(rest, quoted) as case
    when quoted = '' then ''
    when quoted is not null then exim_unquoted(quoted) || ' <' || quoted || '>'
    when starts_with(rest, '"') then regexp_extract(rest, '^"(?:[^"\\]|\\.)*"@[^\s:<>]+')
    when regexp_matches(rest, '^[^\s<>|/:"][^\s<>"]*(?:: | (?:F=<|Q=|SRS=<|P=<|R=|T=|routing |defer \())') then
        case when split_part(rest, ' ', 1)[-1] = ':' then left(split_part(rest, ' ', 1), -1) else split_part(rest, ' ', 1) end
    else regexp_extract(
        rest, '^(.*? <(?:"(?:[^"\\]|\\.)*"@[^\s<>]+|[^\s<>"]+)>)(?:: | (?:F=<|Q=|SRS=<|P=<|R=|T=|routing |defer \())', 1)
end;
create or replace temp macro exim_given(addresses, quoted) as case
    when quoted is not null then quoted
    when ends_with(addresses, '>') then regexp_extract(addresses, ' <((?:"(?:[^"\\]|\\.)*"@)?[^\s<>"]+)>$', 1)
end;
-- What stands before <GIVEN>, without parents, if it is an address: not |pipe, /file, save file, :blackhole:, >autoreply, user.
create or replace temp macro exim_final(addresses) as
    regexp_extract(addresses, '^([^\s<>|/:"][^\s<>"]*@[^\s<>"]+)(?: \([^()]*\))* <', 1);

-- Times on queue: 3s, 0.123s, 1m2s, 2d4h (src/readconf.c, readconf_printtime).
create or replace temp macro exim_seconds(t) as
    coalesce(try_cast(rtrim(t, 's') as double), epoch(try_cast(t as interval)));

-- Not a try: nothing was due, or nothing was to be sent. (The numbers behind "defer" changed in 4.98, the words did not.)
create or replace temp macro exim_untried(message) as regexp_matches(
    message, '^(?:[Rr]etry time not (?:yet )?reached|reusing SMTP connection skips previous routing defer|first-pass only routing'
    '|concurrency limit reached for transport|connection limit reached for all hosts|remote deliveries suppressed'
    '|domain (?:is held|is in queue_domains|matches queue_smtp_domains))');

-- Given up: src/retry.c, which adds its words to what the last try said, and src/transports/smtp.c for hosts past their last
-- retry. What a server refused for good (5xx) was not retried, and says so in its own words.
create or replace temp macro exim_expired(message) as
    ends_with(message, ': retry timeout exceeded') and not regexp_matches(message, ': 5\d\d[ -]')
    or regexp_matches(
        message, '^(?:retry timeout exceeded$|all hosts (?:for ''[^'']*'' )?have been failing for a long time'
        '|retry time not reached for any host (?:for ''[^'']*'' )?after a long failure period)');

create or replace temp macro exim_stage(message, cause) as case regexp_extract(
        message, '^(?:[A-Z][a-z][^:]*: )?(?:SMTP|LMTP|PRDR|Remote host|Malformed SMTP)[^:]*? (?:after|in response to) (?:pipelined )?(?:end of )?([A-Z]{4,8}|initial|data|sending)', 1)
    when 'initial' then 'connect' when 'HELO' then 'helo' when 'EHLO' then 'helo' when 'LHLO' then 'helo' when 'STARTTLS' then 'starttls'
    when 'AUTH' then 'auth' when 'MAIL' then 'mail' when 'RCPT' then 'rcpt' when 'DATA' then 'data' when 'BDAT' then 'eom'
    when 'data' then 'eom' when 'sending' then 'eom' when 'RSET' then 'quit' when 'QUIT' then 'quit'
    else case
        when starts_with(message, 'TLS session') or starts_with(message, 'a TLS session is required') then 'starttls'
        when regexp_matches(coalesce(cause, message), '^(?:(?:Connection|Operation) timed out|Connection refused|No route to host|(?:Network|Host) is (?:unreachable|down))')
            then 'connect'
    end
end;

-- What the server said, without what we said and who it was: rules must not match a host's name.
create or replace temp macro exim_said(message) as regexp_replace(regexp_replace(
    message,
    '^(?:SMTP|LMTP|PRDR) error (?:from remote (?:mail server|mailer) )?after (?:pipelined )?'
    '(?:(?:RCPT TO|MAIL FROM):<(?:"(?:[^"\\]|\\.)*"@)?[^>]*>[^:]*|(?:[^:]|:[^ ])*): (?:host \S+ \[[^\]\s]*\]: )?', ''),
    '^(Remote host|SMTP timeout)(?: while connected to)? \S+ \[[^\]\s]*\]', '\1');
create or replace temp macro exim_reply(cause, message) as replace(
    concat_ws(': ', cause, case when not regexp_full_match(message, '\S+ \[[^\]\s]*\]') then exim_said(message) end), '\n', ' ');

create or replace temp macro worth_reading(line) as
    contains(line, ' => ') or contains(line, ' -> ') or contains(line, ' >> ') or contains(line, ' ** ') or contains(line, ' == ')
    or contains(line, ' <= ') or contains(line, ' Completed') or contains(line, ' (= ')
    or contains(line, ' cancelled by ') or contains(line, ' removed by ')
    or not contains(line, ']: ') and not regexp_matches(line, '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[ .]');

with

-- Written down, because five SELECTs read it. A line that is not about a message has no flag. (Without line_id: half of the lines
-- need none.)
headed as materialized (
    select pos, line, host, repeats, head.queue_id,
        case when head.flag = '(=' then '<=' else head.flag end as flag,  -- that came in too, though its sender was told otherwise (control = fakereject)
        exim_time(pos, head.stamp, event_time) as event_time,
        case when head.flag = '' then text else substring(text, strpos(text, concat(' ', head.flag)) + strlen(head.flag) + 2) end as rest
    from (select *, exim_head(text) as head from logged)
),

addressed as not materialized (
    select *, exim_addresses(rest, quoted) as addresses
    from (
        select *, exim_quoted(rest) as quoted
        from headed
        where flag in ('=>', '->', '>>', '**', '==')
    )
),

split as not materialized (
    select *, exim_given(addresses, quoted) as given, substring(rest, length(addresses) + 1) as fields
    from addressed
),

-- F= and P= hold the sender's address; one that is quoted can hold blanks (RFC 5321 section 4.1.2).
read as not materialized (
    select *,
        -- Exim lower-cases what it delivers to; the address is the one that was given
        case when given is null then addresses when final = '' or lower(final) = lower(given) then given else final end as recipient,
        case when final <> '' and lower(final) <> lower(given) then given end as original_recipient,
        case when starts_with(fields, ' F=<') then regexp_extract(fields, '^ F=<((?:"(?:[^"\\]|\\.)*"@)?[^>]*)>', 1) end as sender,
        case when contains(fields, '=<"') then regexp_replace(fields, '^(?: [FP]=<(?:"(?:[^"\\]|\\.)*"@)?[^>]*>)+', '') else fields end as keys
    from (select *, case when quoted is null and given is not null then exim_final(addresses) else '' end as final from split)
),

delivered as not materialized (
    select *,
        split_part(keys, ' C="', 1) as told,
        substring(keys, strpos(keys, ' C="') + 4) as confirmed,
        event_time is not null and addresses <> ''
            and (contains(keys, ' T=') or starts_with(addresses, ':') or starts_with(addresses, 'discarded <')) as whole
    from read
    -- what an ACL, local_scan() or the system filter threw away is not said by recipient (src/receive.c, src/deliver.c)
    -- (a CASE, for a filter that always asks for the addresses would find them a second time)
    where flag in ('=>', '->', '>>')
        and case when starts_with(rest, 'blackhole ') or rest = 'discarded (system filter)' then addresses <> '' else true end
),

-- In C="...", a quote and a backslash have a backslash before them.
confirmed as not materialized (
    select *,
        case
            when not contains(keys, ' C="') then null
            when contains(confirmed, '\') then regexp_extract(confirmed, '^(?:[^"\\]|\\.)*')
            else split_part(confirmed, '"', 1)
        end as reply,
        split_part(told, ' H=', 2) as remote
    from delivered
),

deliveries as not materialized (
    select *,
        case when contains(reply, '\') then replace(replace(replace(reply, '\"', '"'), '\\', '\'), '\n', ' ') else reply end as response,
        nullif(split_part(split_part(split_part(remote, ' I=', 1), '[', 2), ']', 1), '') as relay_ip,
        case when reply is null then told else substring(confirmed, length(reply) + 2) end as times
    from confirmed
),

-- The error is what follows the last field; a field is what Exim puts there, and nothing else.
failed as not materialized (
    select *,
        regexp_extract(
            keys,
            '^((?: (?:[FP]=<[^>]*>|SRS=<[^>]*>|Q=\S+|R=\S*[^\s:]|T=\S*[^\s:]|H=\S+(?: DS)? \[[^\]\s]*\](?::-?\d+)?\*?|PRX=\[[^\]\s]*\](?::\d+)?'
            '|I=\[[^\]\s]*\](?::\d+)?|TFO\*?|X=\S*[^\s:]|CV=\w+|DN="(?:[^"\\]|\\.)*"))*)'
            '(?:(?: routing| transporting)? (defer) \((?:(?:0|-\d+)\)|\d+\): ([^:]+?))'
            '((?: (?:H=\S+(?: DS)? \[[^\]\s]*\](?::-?\d+)?\*?|PRX=\[[^\]\s]*\](?::\d+)?|I=\[[^\]\s]*\](?::\d+)?|TFO\*?))*)(?: DT=[\d.wdhms]+)?)?'
            '(?:: (.*?)(?: DT=[\d.wdhms]+)?)?$',
            ['told', 'deferred', 'cause', 'host', 'message'], 's') as f
    from read
    where flag in ('**', '==')
),

explained as not materialized (
    select * exclude (f),
        concat(f.told, f.host) as told,
        nullif(f.cause, '') as cause,
        coalesce(nullif(f.message, ''), f.cause) as message,
        event_time is not null and addresses <> ''
            and (flag = '==' or concat(f.cause, f.message) <> '')  -- a deferral may have none (src/deliver.c, deferral_log)
            and f.deferred = case when flag = '==' then 'defer' else '' end as whole
    from failed
),

failures as not materialized (
    select * exclude (cause), nullif(cause, message) as cause,
        -- before 4.90 the host is named in the message
        regexp_extract(
            message, '^(?:Remote host |SMTP timeout while connected to |SMTP error .*?: host |)(\S+) \[([^\]\s]*)\](?:: | closed | after |$)',
            ['name', 'ip']) as answering,
        split_part(told, ' H=', 2) as remote
    from explained
)

-- Handed to another MTA or filter on this machine, to nobody, or an automatic answer: not a delivery.
select
    case when whole then 'attempt' else 'unparsed' end as kind, pos, line_id(line) as line_id, repeats, event_time, host, queue_id,
    case when not whole then 'a delivery without a time, an address or a transport' end as reason,
    case when not whole then line end as line,
    nullif(split_part(split_part(told, ' T=', 2), ' ', 1), '') as instance,
    recipient, original_recipient,
    lower(nullif(split_part(remote, ' ', 1), '')) as relay_host,
    relay_ip,
    case
        when by_filter(relay_ip, response) or relay_ip in ('127.0.0.1', '::1') and contains(response, ' id=') then 'relayed'
        when addresses[1] in (':', '>') or starts_with(addresses, '/dev/null ') or not contains(keys, ' T=') then 'relayed'
        else 'delivered'
    end as outcome,
    response,
    case when contains(times, ' QT=') then exim_seconds(split_part(split_part(times, ' QT=', 2), ' ', 1)) end as delay_seconds,
    nullif(rtrim(split_part(split_part(told, ' X=', 2), ' ', 1), '*'), '') as tls,
    nullif(split_part(split_part(told, ' I=[', 2), ']', 1), '') as source_ip,
    sender
from deliveries

union all by name

select
    case when whole then 'attempt' else 'unparsed' end as kind, pos, line_id(line) as line_id, repeats, event_time, host, queue_id,
    case when not whole then 'a failure without a time, an address or a reason' end as reason,
    case when not whole then line end as line,
    nullif(split_part(split_part(told, ' T=', 2), ' ', 1), '') as instance,
    recipient, original_recipient,
    lower(coalesce(nullif(split_part(remote, ' ', 1), ''), nullif(answering.name, ''))) as relay_host,
    coalesce(nullif(split_part(split_part(split_part(remote, ' I=', 1), '[', 2), ']', 1), ''), nullif(answering.ip, '')) as relay_ip,
    case when flag = '==' then 'deferred' when exim_expired(message) then 'expired' else 'bounced' end as outcome,
    flag = '==' and exim_untried(message) as suspended,
    exim_stage(message, cause) as smtp_stage,
    nullif(exim_reply(cause, message), '') as response,
    nullif(rtrim(split_part(split_part(told, ' X=', 2), ' ', 1), '*'), '') as tls,
    nullif(split_part(split_part(told, ' I=[', 2), ']', 1), '') as source_ip,
    sender
from failures

union all by name

-- (exigrep, which has a heading for a message that is still in the queue, copies lines.)
select 'unparsed' as kind, pos, line_id(line) as line_id, 'no time stamp' as reason, line
from headed
where flag = '' and event_time is null and not between_lines(rest)
    and not regexp_matches(rest, '^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[ .]|\+\+\+ \S+ has not completed \+\+\+$)')

union all by name

-- Facts about messages. `cancelled by` (exim -Mg, timeout_frozen_after) and `removed by` (exim -Mrm) name no recipient: all that
-- are still deferred are given up (src/deliver.c, src/queue.c). A report of ours on another message (R=), made on this machine, is `own`.
-- An arrival `begins` nothing: Exim does not use an id again, and logs a cutthrough delivery (>>) before the arrival. That of a
-- report does, so that one that shares the id of another message (two hosts' logs in one file) is not taken for it. One that
-- is on itself cannot be told from that message, and says nothing.
-- (No WHERE here: with one in every SELECT, DuckDB would take the head of each line apart a second time, to filter by it.)
select
    unnest(case
        when flag = 'Completed' then ['message']
        when flag in ('cancelled by', 'removed by') then ['expiry']
        when flag <> '<=' or starts_with(rest, concat('<> R=', queue_id, ' ')) then []
        when regexp_matches(rest, '^<> R=[0-9A-Za-z-]+ U=\S+ P=local(?: |$)') then ['message', 'own']
        else ['message']
    end) as kind,
    pos,
    case when flag <> 'Completed' and (flag <> '<=' or starts_with(rest, '<> R=')) then line_id(line) end as line_id,  -- not for `message`
    event_time, host, queue_id,
    flag = '<=' and starts_with(rest, '<> R=') as begins,
    flag = 'Completed' as closes,
    case
        when flag <> '<=' then null
        when starts_with(rest, '<>') then ''
        when starts_with(rest, '"') then regexp_extract(rest, '^"(?:[^"\\]|\\.)*"@\S+')
        else split_part(rest, ' ', 1)
    end as sender,
    try_cast(split_part(split_part(arrived, ' S=', 2), ' ', 1) as bigint) as size_bytes,
    nullif(split_part(split_part(case when contains(arrived, ' id*=') then replace(arrived, ' id*=', ' id=') else arrived end, ' id=', 2), ' ', 1), '')
        as message_id  -- id*= if Exim made it
from (
    select *,
        -- the subject is a stranger's, and comes last but for addresses
        case
            when flag <> '<=' then null
            when starts_with(rest, '"') then split_part(regexp_replace(rest, '^"(?:[^"\\]|\\.)*"@\S+', ''), ' T="', 1)
            else split_part(rest, ' T="', 1)
        end as arrived
    from headed
)
