-- Before what follows from them: bounce messages, which may be in no mailbox any more. They meet the logs anew.
insert into report_messages by name from held.report_messages anti join report_messages using (source_name, entry);

insert into report_rows by name
select * exclude (matched, delivery_id, attempt_id, sent_time) replace (false as made_attempt)
from held.report_rows where report_id not in (select report_id from report_rows);

insert into response_templates by name
from held.response_templates
where template_id in (select template_id from report_rows) and template_id not in (select template_id from response_templates);

-- Whatever rules judged those.
delete from meta where key = 'templates_digest';
