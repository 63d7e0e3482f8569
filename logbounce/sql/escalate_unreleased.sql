-- What a person's release has not taken away, before escalate_settled.sql takes more.
create or replace temp table unreleased as select evidence_id from evidence;
