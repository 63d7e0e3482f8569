update report_messages set settled = true where source_name = $source_name and entry in (select unnest($entries::varchar[]))
