select distinct split_part(address, '@', -1) as name
from (
    select unnest([recipient, original_recipient, sender]) as address from events
    where strlen(recipient) <> length(recipient) or strlen(sender) <> length(sender) or strlen(original_recipient) <> length(original_recipient)
    union all
    select sender from facts where strlen(sender) <> length(sender)
)
where strlen(name) <> length(name)
