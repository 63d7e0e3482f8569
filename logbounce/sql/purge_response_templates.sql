delete from response_templates
where template_id not in (select template_id from attempt_rows where template_id is not null)
    and template_id not in (select template_id from report_rows where template_id is not null);
