delete from unparsed_lines where names_them(line) or names_them(reason);
