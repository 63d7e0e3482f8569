-- Which messages were looked at (`report_notes`), and how often they could not be read.
create or replace temp table notes as
select n.*, coalesce(m.failures, 0) + (n.error is not null)::integer as failures
from report_notes as n left join report_messages as m using (source_name, entry);

delete from report_messages as m using notes as n where m.source_name = n.source_name and m.entry = n.entry;

insert into report_messages by name
select *, error is not null and failures >= getvariable('reports_most') as quarantined, false as settled from notes;

select entry from notes where error is not null and failures >= getvariable('reports_most');
