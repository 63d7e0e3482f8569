select count(*), count(matched) from report_rows where sha256 in (select unnest($hashes::varchar[]))
