-- The lines of a block that the parser wants to see, taken out of their carrier, once for all its branches.
-- rsyslog's and journald's reduction writes `message repeated N times: [ TEXT]`: the N further times of TEXT that came
-- after the line before it. (At most 1,000: the number is a stranger's.)
select
    pos, origin, event_time, host, tag,
    case when reduced then regexp_extract(text, '^message repeated \d+ times: \[ ?(.*?) ?\]$', 1) else text end as text,
    case when reduced then least(try_cast(split_part(text, ' ', 3) as integer), 1000) else 1 end as repeats
from (select *, starts_with(text, 'message repeated ') as reduced from carried where worth_reading(line))
