-- What a parser may say of a line; what it leaves out is null. One row a line and kind, in any order.
select
    0 as use,                                 -- which message of its queue id, where the block has several (set by load)
    * replace (coalesce(host, getvariable('host')::varchar, '') as host)
from (
    select
        null::varchar as kind,                -- attempt, message, own, expiry, complaint, unparsed
        null::bigint as pos,                  -- the byte at which the line starts
        null::ubigint as line_id,             -- what tells it from every other line
        null::timestamp as event_time,        -- UTC
        null::varchar as host,
        null::varchar as queue_id,
        -- attempt: one try for one recipient
        null::bigint as repeats,              -- how many tries the line stands for
        null::varchar as message_key,         -- what tells its message, where no queue id does; else null
        null::varchar as instance,
        null::varchar as recipient,
        null::varchar as original_recipient,
        null::varchar as relay_host,
        null::varchar as relay_ip,
        null::varchar as outcome,             -- delivered, deferred, bounced, expired, relayed
        null::boolean as suspended,           -- deferred without a try
        null::boolean as asynchronous,        -- a later report on what had been accepted
        null::usmallint as smtp_code,         -- where the log has it apart from the response
        null::varchar as enhanced_status,     -- likewise
        null::varchar as smtp_stage,
        null::varchar as response,            -- what the server said, without its name
        null::double as delay_seconds,
        null::varchar as tls,
        null::varchar as source_ip,
        null::varchar as job_id,
        null::varchar as pool,
        null::varchar as envelope_id,         -- ENVID of MAIL FROM (RFC 3461 section 4.4)
        null::varchar as mta_category,
        -- message: a fact about a message, here or in an attempt
        null::boolean as begins,              -- its first line
        null::boolean as closes,              -- its last
        null::varchar as sender,
        null::varchar as message_id,
        null::bigint as size_bytes,
        -- own (queue_id is our own DSN) and expiry (every recipient still deferred is given up) have no more
        -- complaint
        null::varchar as feedback_type,
        null::varchar as reporter,
        -- unparsed: looks like a line of the format, but is not understood
        null::varchar as reason,
        null::varchar as line
    where false
    union all by name
    select * from parsed
)
where event_time is not null or kind = 'unparsed'
