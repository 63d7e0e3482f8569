update messages
set sender = case when not names_them(sender) then sender end, message_id = case when not names_them(message_id) then message_id end,
    instance = case when not names_them(instance) then instance end
where names_them(concat_ws(chr(31), sender, message_id, instance));
