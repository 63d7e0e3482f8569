select attempt_id from block_attempts
union all select line_id from new_unparsed
union all select line_id from new_complaints
