-- What new messages say (`report_records`: a row for each recipient), each once, whatever mailbox it was found in.

create or replace temp table new_reports as
select
    *,
    case when kind in ('bounce', 'delayed') then mask_reply(diagnostic_code) end as template,
    case when template is not null then md5_number_lower(concat_ws(chr(31), 'dsn', coalesce(known_provider, ''), '',
        coalesce(smtp_code, 0), coalesce(status, ''), template)) end as template_id
from (
    select
        md5_number_lower(concat(r.sha256, ':', r.number)) as report_id,
        r.* exclude (number, smtp_code, status),
        coalesce(r.smtp_code, reply_code(r.diagnostic_code)) as smtp_code,
        coalesce(r.status, reply_status(r.diagnostic_code)) as status,
        coalesce(h.provider, d.provider) as known_provider
    from report_records as r
        left join (
            select host, max_by(provider, length(suffix)) as provider
            from (select distinct remote_mta as host from report_records where remote_mta is not null)
                join providers on kind = 'mx' and (host = suffix or ends_with(host, '.' || suffix))
            group by host
        ) as h on h.host = r.remote_mta
        left join (select suffix, any_value(provider) as provider from providers where kind = 'domain' group by suffix) as d
            on d.suffix = lower(split_part(r.recipient, '@', -1))
)
where report_id not in (select report_id from report_rows)
qualify row_number() over (partition by report_id) = 1;

insert into response_templates by name
select
    template_id, 'dsn' as mta, known_provider as provider, smtp_code, status as enhanced_status, template,
    any_value(diagnostic_code) as sample, min(event_time) as first_time
from new_reports anti join response_templates using (template_id)
where template_id is not null
group by all;

insert into report_rows by name
select * exclude (known_provider, template), false as made_attempt from new_reports;
