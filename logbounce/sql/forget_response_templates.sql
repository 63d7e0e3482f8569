-- A template that only their mail had.
delete from response_templates
where template_id in (select template_id from their_responses)
    and template_id not in (select template_id from attempt_rows where template_id is not null)
    and template_id not in (select template_id from report_rows where template_id is not null);

-- A sample that was an answer to mail for them is no longer one, even where it does not name them: another's takes its place.
update response_templates as t
set sample = coalesce((select min(a.response) from attempt_rows as a where a.template_id = t.template_id), template)
where (template_id, sample) in (select (template_id, response) from their_responses);

update response_templates
set template = without_them(template), sample = without_them(sample)
where names_them(template) or names_them(sample);
