-- wraps: lines
-- detect: ^\{.*"log"\s*:\s*".*"time"\s*:
-- Docker's json-file driver: {"log":"...\n","stream":"stdout","time":"..."}; `<` and `>` arrive as \u003c and \u003e.
-- What is cut short stays as it is, for the parser to say that it does not understand it.
select
    pos,
    rtrim(coalesce(try_cast(line as json) ->> '$.log', line), chr(10) || chr(13)) as line
from lines
