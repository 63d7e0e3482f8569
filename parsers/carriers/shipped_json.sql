-- wraps: lines
-- detect: ^\{(?!(?=.*"(?:(?i:program)|programname|app-?name|ident|_application_name|ProcessName|syslogtag|tag|name|app|(?i:syslog_identifier))"\s*:\s*"exim\d?["\[:]).*"(?:message|line|_raw|textPayload|msg)"\s*:\s*"\d{4}-\d\d-\d\d \d\d:).*?"(?:message|line|_raw|textPayload|msg)"\s*:\s*"(?P<line>(?=(?:(?:<|\\u003[cC])\d{1,3}(?:>|\\u003[eE]))?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d))(?:[^"\\]|\\.)*)
-- What log shippers and stores make of a line when they only carry it: {"@timestamp":"...","message":"LINE", ...} (Filebeat, Vector,
-- Logstash), {"labels":{...},"line":"LINE", ...} (logcli -o jsonl), {"result":{"_raw":"LINE", ...}} (Splunk), {"textPayload":"LINE", ...} and
-- {"jsonPayload":{"message":"LINE"}} (Google Cloud Logging), {"_source":{"message":"LINE", ...}} (Elasticsearch).
-- Not what Exim stamped itself for a program of that name: fields_json.sql also knows the host.
-- What is cut short stays as it is, for the parser to say that it does not understand it.
select
    pos,
    rtrim(
        coalesce(
            list_filter(held, lambda text: regexp_matches(
                text, '^(?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)'))[1],
            list_any_value(held),
            line),
        chr(10) || chr(13)) as line
from (
    select pos, line, json_extract_string(try_cast(line as json), [
        '$.message', '$.line', '$._raw', '$.textPayload', '$.msg', '$.result._raw', '$.jsonPayload.message',
        '$._source.message', '$._source.line', '$._source._raw', '$._source.msg'
    ]) as held
    from lines
)
