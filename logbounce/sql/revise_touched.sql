-- The addresses that may be judged otherwise: mail to them got an answer that is now of another class, or the policy changed.
-- Whose suppression a version that is taken back decided is among them in any case.
create or replace temp table touched_addresses as
select lower(recipient) as address
from attempt_rows
where template_id in (from reclassed) and event_time >= getvariable('revise_since')
union
select lower(recipient)
from attempts
where act in ('H', 'S3') and event_time >= getvariable('revise_since') and exists (from changed_streams)
union
select lower(recipient)
from complaints
where is_complaint(feedback_type) and recipient is not null and event_time >= getvariable('revise_since')
    and exists (from changed_streams)
union
select lower(address) from suppression_ledger
where number > getvariable('undone_from') and number <= getvariable('undone_to');
