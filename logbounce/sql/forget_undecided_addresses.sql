delete from undecided_addresses where is_theirs(address);
