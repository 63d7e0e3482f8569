-- What bounce messages said of mail to them; and what others' said, without their name.
delete from report_rows where is_to_them(recipient) or names_them(concat_ws(chr(31), recipient, final_recipient, original_recipient));

update report_rows
set sender = case when not names_them(sender) then sender end,
    original_message_id = case when not names_them(original_message_id) then original_message_id end,
    original_envelope_id = case when not names_them(original_envelope_id) then original_envelope_id end,
    diagnostic_code = without_them(diagnostic_code),
    reporting_mta = without_them(reporting_mta), remote_mta = without_them(remote_mta),
    reporter = without_them(reporter),
    source_name = without_them(source_name)
where names_them(concat_ws(chr(31), sender, original_message_id, original_envelope_id, diagnostic_code, reporting_mta, remote_mta, reporter, source_name));
