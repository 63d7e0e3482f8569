-- Each new template's verdict beside it.
update response_templates
set category = verdicts.category, bounce_class = verdicts.bounce_class, act = verdicts.act, rule_id = verdicts.rule_id
from verdicts
where response_templates.template_id = verdicts.key;
drop table verdicts;
drop table replies;
