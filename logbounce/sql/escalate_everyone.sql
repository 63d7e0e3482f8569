-- Every address of which anything is known that can suppress it, for a decision about all of them.
create or replace temp table touched_addresses as
select lower(recipient) as address from attempts where act in ('H', 'S3')
union
select lower(recipient) from complaints where is_complaint(feedback_type) and recipient is not null;
