select
    (select value::integer from meta where key = 'schema_version') as schema_version,
    count(*) as attempts,
    min(event_time) as first_time,
    max(event_time) as last_time,
    -- What stayed on the machine (a mailbox, a pipe, LMTP by a socket) has met no host and has no IP to be sent from.
    count(*) filter (
        source_ip is null and outcome not in ('relayed', 'expired') and (relay_ip is not null or smtp_stage = 'connect')
    ) as without_source_ip,
    (select count(*) from unknown_responses) as unknown_responses,
    (select count(*) from suppressions) as suppressions
from attempts;
