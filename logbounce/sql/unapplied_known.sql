-- Whether these rules are known to have judged every template, and are those whose tables the database has.
select count(*) = 2 from meta where key in ('templates_digest', 'rules_digest') and value = $1;
