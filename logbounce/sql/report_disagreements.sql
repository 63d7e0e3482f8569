from disagreements_between(coalesce($1::timestamp, '-infinity'), 'infinity'::timestamp)
order by priority, addresses desc, attempts desc, template_id, mta_category;
