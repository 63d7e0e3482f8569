-- How many templates have another class by the rules in force, of how many; and whether the policy is another one.
select
    (select count(*) from reclassed),
    (select count(*) from response_templates where category is not null),
    exists (from changed_streams);
