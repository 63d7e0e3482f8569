-- Of what is stored, what this block put in: the same line may have been read elsewhere.
select attempt_id from block_attempts
union all
select line_id from unparsed_lines semi join (from events where kind = 'unparsed') using (line_id)
where source_name = getvariable('source_name') and source_offset >= (select min(pos) from events)
union all
select complaint_id from complaints semi join (from events where kind = 'complaint') on line_id = complaint_id
where source_name = getvariable('source_name') and source_offset >= (select min(pos) from events)
