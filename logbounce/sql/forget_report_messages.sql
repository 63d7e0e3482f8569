-- That a message was read stays, so that it is not read again.
update report_messages set error = without_them(error), source_name = without_them(source_name)
where names_them(error) or names_them(source_name);
