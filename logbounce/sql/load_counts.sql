-- What the lines of the block were, before repeats are dropped; and which of the rarer steps they ask for.
select
    coalesce(sum(coalesce(repeats, 1)) filter (kind = 'attempt'), 0)::bigint as attempts,
    count(*) filter (kind = 'unparsed') as unparsed,
    (select count(distinct pos) from (select pos from events union all select pos from facts)) as understood,
    least(min(event_time), (select min(event_time) from facts)) as first_time,
    greatest(max(event_time), (select max(event_time) from facts)) as last_time,
    coalesce(bool_or(repeats > 1), false)
        or count(*) filter (kind = 'attempt') > count(distinct line_id) filter (kind = 'attempt') as repeated,
    coalesce(bool_or(
        strlen(recipient) <> length(recipient) or strlen(sender) <> length(sender) or strlen(original_recipient) <> length(original_recipient)
    ), false) or exists (from facts where strlen(sender) <> length(sender)) as foreign_names,
    coalesce(bool_or(kind = 'own'), false) as own,
    coalesce(bool_or(kind = 'expiry' or outcome = 'expired'), false) as expired,
    coalesce(bool_or(kind in ('complaint', 'unparsed')), false) as other
from events
