-- detect: ^
-- No carrier: the MTA wrote the file itself and its parser reads the stamp.
select pos, line, line as origin, null::timestamp as event_time, null::varchar as host, '' as tag, line as text
from lines
