delete from undecided_addresses where is_to_them(address);
