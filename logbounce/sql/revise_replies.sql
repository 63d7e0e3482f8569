-- Every template that was judged before; new ones are judged by `ingest`.
create or replace temp table replies as
select template_id as key, template as reply, mta, provider, smtp_stage, smtp_code, enhanced_status
from response_templates
where category is not null;
