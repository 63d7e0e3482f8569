update new_attempts set recipient = left(recipient, -length(name)) || ascii from domain_names where split_part(recipient, '@', -1) = name;
update new_attempts set original_recipient = left(original_recipient, -length(name)) || ascii from domain_names where split_part(original_recipient, '@', -1) = name;
update new_attempts set sender = left(sender, -length(name)) || ascii from domain_names where split_part(sender, '@', -1) = name;
update new_facts set sender = left(sender, -length(name)) || ascii from domain_names where split_part(sender, '@', -1) = name;
