-- What the statements of load share.

-- The local part stays as it is; domains are compared without case (RFC 5321 section 2.4).
create or replace temp macro lower_domain(x) as
    case when x = lower(x) then x else left(x, -strpos(reverse(x), '@')) || '@' || lower(split_part(x, '@', -1)) end;

create or replace temp macro failed(outcome) as outcome in ('deferred', 'bounced', 'expired');
