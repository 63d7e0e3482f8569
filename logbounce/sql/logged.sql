-- What every parser reads: a line without its carrier, `line` as it stands in the log.
select pos, line_id(origin) as line_id, origin as line, event_time, host, tag, text, repeats
from kept_lines
