select
    (select value::integer from meta where key = 'schema_version') as schema_version,
    count(*) as attempts,
    min(event_time) as first_time,
    max(event_time) as last_time,
    count(*) filter (source_ip is null and outcome not in ('relayed', 'expired')) as without_source_ip,
    (select count(*) from unknown_responses) as unknown_responses,
    (select count(*) from suppressions) as suppressions
from attempts;
