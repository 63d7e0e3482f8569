-- The verdicts, one for each line that was asked about, in order.
select verdicts.* exclude (key)
from masked
join replies on
    masked.reply = replies.reply
    and masked.mta is not distinct from replies.mta
    and masked.provider is not distinct from replies.provider
    and masked.smtp_stage is not distinct from replies.smtp_stage
    and masked.smtp_code is not distinct from replies.smtp_code
    and masked.enhanced_status is not distinct from replies.enhanced_status
join verdicts on replies.key = verdicts.key
order by masked.number;
