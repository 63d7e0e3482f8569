-- Whether the block that was just loaded tells of a message of which a report was read before.
with waiting as materialized (
    select x_queue_id, original_envelope_id, original_message_id from report_rows where read_at >= getvariable('reports_since')
)
select exists (from events where queue_id in (select x_queue_id from waiting where x_queue_id is not null))
    or exists (from block_attempts where envelope_id in (select original_envelope_id from waiting where original_envelope_id is not null))
    or exists (from block_attempts where message_id in (select original_message_id from waiting where original_message_id is not null))
