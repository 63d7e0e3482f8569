update response_templates
set category = c.new_category, bounce_class = c.new_bounce_class, act = c.new_act, rule_id = c.new_rule_id
from template_changes c
where c.template_id = response_templates.template_id;
