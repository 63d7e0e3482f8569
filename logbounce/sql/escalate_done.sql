drop table temp.limits;
drop table temp.unproved;
drop table temp.evidence;
drop table temp.counted;
drop table temp.candidates;
drop table temp.deliveries;
drop table temp.runs;
drop table temp.decisions;
drop table if exists temp.releases;
