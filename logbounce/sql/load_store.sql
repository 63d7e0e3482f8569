-- The block's attempts, and the templates that are new.

insert into response_templates by name
select
    template_id, mta, known_provider as provider, smtp_stage, smtp_code, enhanced_status, template,
    arg_min(response, source_offset) as sample, arg_min(event_time, source_offset) as first_time
from block_attempts anti join response_templates using (template_id)
where template_id is not null
group by all;

insert into attempt_rows by name
select * exclude (message_time, known_provider, template) from block_attempts where outcome <> 'expired';

insert into block_addresses select lower(recipient) from block_attempts where failed(outcome);
