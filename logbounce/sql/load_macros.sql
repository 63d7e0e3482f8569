-- What the statements of load share.

-- The local part stays as it is; domains are compared without case (RFC 5321 section 2.4).
create or replace temp macro lower_domain(x) as
    case when x = lower(x) then x else left(x, -strpos(reverse(x), '@')) || '@' || lower(split_part(x, '@', -1)) end;

create or replace temp macro failed(outcome) as outcome in ('deferred', 'bounced', 'expired');

-- "... notification: ID" says that ID is our own DSN: the message of that queue id that began nearest to it, and was not long gone.
create or replace temp macro may_be_told(told, first_time, closed_time) as
    first_time between told - interval 1 hour and told + interval 1 hour and (closed_time is null or closed_time >= told - interval 1 minute);

-- "queued as ID" is Postfix's reply to what it took: the next host had the message, under that queue id, not long before it said so. (Ten
-- minutes for clocks that differ.)
create or replace temp macro named_next(response) as split_part(split_part(response, 'queued as ', 2), ' ', 1);
create or replace temp macro came_next(first_time, said) as first_time between said - interval 1 hour and said + interval 10 minute;

-- What a message is known by where its log has queue ids, and what a message and a recipient make together.
create or replace temp macro by_queue(host, queue_id, first_time) as concat_ws(chr(31), host, queue_id, first_time);
create or replace temp macro delivery(message_key, recipient) as md5_number_lower(concat_ws(chr(31), message_key, lower(recipient)));
