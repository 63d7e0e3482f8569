delete from attempt_rows where attempt_id in (select unnest($ids::ubigint[]));
delete from unparsed_lines where line_id in (select unnest($ids::ubigint[]));
delete from complaints where complaint_id in (select unnest($ids::ubigint[]));
