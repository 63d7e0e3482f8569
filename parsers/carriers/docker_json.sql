-- wraps: lines
-- detect: ^\{.*"log"\s*:\s*".*"time"\s*:
-- Docker's json-file driver: {"log":"...\n","stream":"stdout","time":"..."}; `<` and `>` arrive as \u003c and \u003e.
select
    pos,
    rtrim(try_cast(line as json) ->> '$.log', chr(10) || chr(13)) as line
from lines
