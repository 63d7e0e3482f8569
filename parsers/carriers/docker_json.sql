-- wraps: lines
-- detect: ^\{(?=.*"(?:time|date|stream|container_name)"\s*:).*?"log"\s*:\s*"(?P<line>(?:[^"\\]|\\.)*)
-- Docker's json-file driver: {"log":"...\n","stream":"stdout","time":"..."}; `<` and `>` arrive as \u003c and \u003e. Fluent Bit's
-- tail of such files and Docker's fluentd driver (container_name, no time) keep the name, in another order and among others.
-- What is cut short stays as it is, for the parser to say that it does not understand it.
select
    pos,
    rtrim(coalesce(try_cast(line as json) ->> '$.log', line), chr(10) || chr(13)) as line
from lines
