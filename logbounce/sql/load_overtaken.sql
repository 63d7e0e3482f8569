-- What was said of later than this block begins: by the block itself, or by newer lines that were read before it.
select coalesce(bool_or(asynchronous), false) as reported, coalesce(bool_or(outcome = 'expired'), false) as given_up
from attempt_rows
where event_time >= getvariable('block_first') and (asynchronous or outcome = 'expired')
