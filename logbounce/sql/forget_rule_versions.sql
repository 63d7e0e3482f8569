update rule_versions set note = without_them(note) where names_them(note);
