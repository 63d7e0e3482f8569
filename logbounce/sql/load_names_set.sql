update events set recipient = left(recipient, -length(name)) || ascii from domain_names where split_part(recipient, '@', -1) = name;
update events set original_recipient = left(original_recipient, -length(name)) || ascii from domain_names where split_part(original_recipient, '@', -1) = name;
update events set sender = left(sender, -length(name)) || ascii from domain_names where split_part(sender, '@', -1) = name;
update facts set sender = left(sender, -length(name)) || ascii from domain_names where split_part(sender, '@', -1) = name;
