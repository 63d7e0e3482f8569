select distinct split_part(address, '@', -1) as name
from (
    select unnest([recipient, original_recipient, sender]) as address from new_attempts
    where strlen(concat(recipient, original_recipient, sender)) <> length(concat(recipient, original_recipient, sender))
    union all
    select sender from new_facts where strlen(sender) <> length(sender)
)
where strlen(name) <> length(name)
