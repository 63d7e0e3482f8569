-- Whose policy is another one, and which templates have another class and not only another rule.
create or replace temp table changed_streams as
select stream from (from policies_before except from policies)
union
select stream from (from policies except from policies_before);
drop table policies_before;

create or replace temp table reclassed as
select template_id from template_changes
where (old_category, old_bounce_class, old_act) is distinct from (new_category, new_bounce_class, new_act);

select (select count(*) from template_changes), (select count(*) from changed_streams);
