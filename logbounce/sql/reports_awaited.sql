-- Whether the block that was just loaded tells of a message of which a report was read before.
with waiting as materialized (
    select
        hash(x_queue_id) as queue_number, hash(nullif(original_envelope_id, '')) as envelope_number,
        hash(nullif(original_message_id, '')) as message_number
    from report_rows where read_at >= getvariable('reports_since')
)
select exists (from events where queue_id <> '' and hash(queue_id) in (select queue_number from waiting))
    or exists (from block_attempts where envelope_id <> '' and hash(envelope_id) in (select envelope_number from waiting))
    or exists (from block_attempts where message_id <> '' and hash(message_id) in (select message_number from waiting))
