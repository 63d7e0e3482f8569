update source_gaps set accepted_at = $now where accepted_at is null
