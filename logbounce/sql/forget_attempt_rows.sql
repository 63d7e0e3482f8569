-- Mail for them, under this address or one that led to another.
delete from attempt_rows where is_to_them(recipient) or is_to_them(original_recipient);

-- Mail from them, and what was said of them when others were written to.
update attempt_rows
set sender = case when not names_them(sender) then sender end,
    original_recipient = case when not names_them(original_recipient) then original_recipient end,
    message_id = case when not names_them(message_id) then message_id end,
    envelope_id = case when not names_them(envelope_id) then envelope_id end,
    response = without_them(response),
    instance = without_them(instance),
    job_id = without_them(job_id),
    pool = without_them(pool),
    relay_host = without_them(relay_host)
where names_them(concat_ws(chr(31), sender, original_recipient, message_id, envelope_id, response, instance, job_id, pool, relay_host));
