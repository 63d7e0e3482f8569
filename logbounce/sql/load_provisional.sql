select attempt_id from block_attempts
union all
select line_id from events where kind in ('unparsed', 'complaint')
