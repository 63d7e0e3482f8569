-- detect: ^\{(?!(?=.*"__REALTIME_TIMESTAMP"\s*:).*"MESSAGE"\s*:)(?!.*"type"\s*:\s*"(?:Reception|Delivery|Bounce|TransientFailure|Expiration|AdminBounce|OOB|Feedback|Rejection|Delayed)")(?=(?:.*?"(?:(?i:program)|programname|app-?name|ident|_application_name|ProcessName|syslogtag|process\.name|process"\s*:\s*\{[^{}]*"name|log\.syslog\.appname|syslog"\s*:\s*\{[^{}]*"appname|labels"\s*:\s*\{[^{}]*"app|(?i:syslog_identifier))"\s*:\s*"(?=[^"-])|.*?"tag"\s*:\s*")(?P<program>(?:[^"\\\[:]|\\.)+)).*?"(?:MESSAGE|message|msg|short_message|SyslogMessage|line)"\s*:\s*"(?P<text>(?:[^"\\]|\\.)*)
-- What syslog daemons, log shippers and stores write when they took a line apart: the text without its header, and time, host and
-- program in fields of their own. The names are those of syslog-ng (PROGRAM, MESSAGE, HOST, ISODATE, DATE), rsyslog (syslogtag, programname, app-name,
-- msg, timereported, fromhost; sysloghost in the tutorials of others), Logstash (logsource, program), Elastic (process.name, log.syslog, all in _source),
-- Fluentd and Fluent Bit (ident, date), Vector (appname, hostname), GELF (short_message, _application_name), Loki (labels, line) and
-- Azure Monitor (SyslogMessage, ProcessName, HostName, Computer, EventTime, TimeGenerated), the text's and the program's again in `detect`.
select
    pos,
    text as line,
    line as origin,
    case
        when regexp_full_match(stamp, '[A-Z].*') then local_to_utc(pos, traditional_time(left(stamp, 15)) + to_seconds(try_cast('0' || substring(stamp, 16) as double)))
        when contains(stamp, '-') then iso8601_time(pos, replace(replace(stamp, ' +', '+'), ' -', '-'))
        else epoch_time(try_cast(stamp as double))
    end as event_time,
    lower(host) as host,
    coalesce(tag, '') as tag,
    text
from (
    select
        pos, line,
        list_filter(hosts, lambda host: not starts_with(host, '{'))[1] as host,  -- an object without a name
        -- rsyslog cuts programname at the slash unless told not to; what is not cut says more.
        split_part(split_part(coalesce(list_filter(programs, lambda program: contains(program, '/'))[1], programs[1]), '[', 1), ':', 1) as tag,
        rtrim(ltrim(coalesce(text, line), ' '), chr(10) || chr(13)) as text,  -- cut short, or not JSON at all
        coalesce(with_zone(own_stamps), without_zone(own_stamps), with_zone(read_stamps), without_zone(read_stamps)) as stamp
    from (
        select
            pos, line,
            list_any_value(json_extract_string(entry, ['$.SyslogMessage', '$.short_message', '$.MESSAGE', '$.message', '$.msg', '$.line'])) as text,
            given(json_extract_string(entry, [
                '$.PROGRAM', '$.program', '$.syslogtag', '$.ident', '$._application_name', '$.ProcessName', '$.log.syslog.appname',
                '$."log.syslog.appname"', '$.process.name', '$."process.name"', '$.labels.app', '$.SYSLOG_IDENTIFIER', '$.syslog_identifier',
                '$.appname', '$."app-name"', '$.programname', '$.tag'
            ])) as programs,
            -- The host of the line before that of the shipper, which Logstash and Filebeat call host.
            given(json_extract_string(entry, [
                '$.HOST', '$.logsource', '$.log.syslog.hostname', '$."log.syslog.hostname"', '$.hostname', '$.sysloghost', '$.HostName', '$.Computer',
                '$.host.hostname', '$."host.hostname"', '$.host.name', '$."host.name"', '$.host', '$.labels.host', '$._HOSTNAME', '$.fromhost'
            ])) as hosts,
            -- What the line said itself, even without a zone (the source's), comes before when the shipper read it (@timestamp
            -- and date, unless a filter set them), which is hours later after a backlog. Where Fluent Bit does take date from
            -- the line, it takes a stamp without zone for UTC.
            json_extract_string(entry, ['$.ISODATE', '$.timereported', '$.EventTime', '$.timestamp', '$.time', '$.DATE']) as own_stamps,
            json_extract_string(entry, ['$."@timestamp"', '$.TimeGenerated', '$.date']) as read_stamps
        from (
            select pos, line, case when json_type(entry, '$._source') = 'OBJECT' then entry -> '$._source' else entry end as entry
            from (select pos, line, try_cast(line as json) as entry from lines)
        )
    )
)
