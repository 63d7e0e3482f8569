-- The least that anybody would write for the same question: no classes, no correlation, nothing stored.
select split_part(rcpt, '@', 2) as recipient_domain, dlvSourceIp as source_ip, type, count(*) as n
from read_csv(getvariable('path'), header = true, all_varchar = true)
group by all
