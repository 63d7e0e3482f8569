-- wraps: lines
-- detect: ^\{.*"message"\s*:\s*"(?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)
-- What log shippers (Filebeat, Vector, Logstash) make of a line when they only carry it: {"@timestamp":"...","message":"LINE", ...}.
-- What is cut short stays as it is, for the parser to say that it does not understand it.
select
    pos,
    rtrim(coalesce(try_cast(line as json) ->> '$.message', line), chr(10) || chr(13)) as line
from lines
