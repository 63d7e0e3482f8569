delete from complaints where is_to_them(recipient);

update complaints
set recipient = case when not names_them(recipient) then recipient end,
    sender = case when not names_them(sender) then sender end,
    message_id = case when not names_them(message_id) then message_id end,
    reporter = without_them(reporter),
    job_id = without_them(job_id)
where names_them(concat_ws(chr(31), recipient, sender, message_id, reporter, job_id));
