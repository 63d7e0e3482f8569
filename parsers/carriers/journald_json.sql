-- detect: ^\{.*"__REALTIME_TIMESTAMP"\s*:
-- journalctl -o json (systemd.journal-fields(7)). MESSAGE is an array of bytes when it holds anything but printable UTF-8.
select
    pos,
    text as line,
    line as origin,
    epoch_time(try_cast(entry ->> '$.__REALTIME_TIMESTAMP' as double)) as event_time,
    lower(entry ->> '$._HOSTNAME') as host,
    coalesce(entry ->> '$.SYSLOG_IDENTIFIER', entry ->> '$._COMM', '') as tag,
    text
from (
    select
        *,
        case json_type(entry, '$.MESSAGE')
            when 'ARRAY' then bytes_as_text(try_cast(entry -> '$.MESSAGE' as utinyint[]))
            else coalesce(entry ->> '$.MESSAGE', line)  -- cut short, or not JSON at all
        end as text
    from (select pos, line, try_cast(line as json) as entry from lines)
)
