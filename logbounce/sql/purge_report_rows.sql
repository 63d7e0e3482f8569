-- That their messages were read stays in report_messages: those that are still in the mailbox are not to come back.
delete from report_rows where event_time < getvariable('cutoff');
