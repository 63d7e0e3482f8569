-- What was read of a line that was not yet whole; the variable `forgotten` holds the ids.
create or replace temp table forgotten as select unnest(getvariable('forgotten')::ubigint[]) as id;
create or replace temp table forgotten_attempts as
select attempt_id, template_id from attempt_rows where attempt_id in (from forgotten);

delete from attempt_rows where attempt_id in (from forgotten);
delete from unparsed_lines where line_id in (from forgotten);
delete from complaints where complaint_id in (from forgotten);
delete from response_templates
where template_id in (select template_id from forgotten_attempts)
    and template_id not in (select template_id from attempt_rows where template_id in (select template_id from forgotten_attempts));

select count(*) from forgotten_attempts;
