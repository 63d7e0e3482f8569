-- Macros that the carriers and parsers share. Variables: zone (IANA name), latest (no stamp is after this), first_passes.

-- A stamp without zone is in the source's zone. In the hour that a zone repeats in autumn ICU takes the later of the two readings;
-- `first_passes` holds, for each such hour of which the block has lines, up to which byte the log was still in the earlier one.
-- (The variable is a constant to the planner: where it is null, as in nearly every block, nothing is looked for.)
create or replace temp macro later_utc(t) as make_timestamp(epoch_us(timezone(getvariable('zone')::varchar, t)));
create or replace temp macro first_pass_by(pos, t) as list_filter(
    getvariable('first_passes')::struct(local_from timestamp, local_to timestamp, "by" interval, ends bigint)[],
    lambda hour: t >= hour.local_from and t < hour.local_to and pos < hour.ends)[1]."by";
create or replace temp macro local_to_utc(pos, t) as case
    when getvariable('zone') = 'UTC' then t
    when getvariable('first_passes') is null then later_utc(t)
    else later_utc(t) - coalesce(first_pass_by(pos, t), interval 0 second)
end;

-- Of the two times that a stamp can mean in such an hour, the one that is not after what came later.
create or replace temp macro not_after(bound, later, earlier) as case when later > bound then earlier else later end;

-- RFC 3164 names no year: a day is the last one of that name that is not after `latest` (29 February: up to eight years ago).
create or replace temp macro in_year(back, stamp) as
    try_strptime((year(getvariable('latest')::timestamp) - back) || ' ' || stamp, '%Y %b %d %H:%M:%S');
create or replace temp macro traditional_time(stamp) as case
    when in_year(0, stamp)::date <= getvariable('latest')::date then in_year(0, stamp)
    else coalesce(in_year(1, stamp), in_year(2, stamp), in_year(3, stamp), in_year(4, stamp),
        in_year(5, stamp), in_year(6, stamp), in_year(7, stamp), in_year(8, stamp))
end;

-- journalctl writes months in the language of who calls it (LC_TIME): English, German, French, Spanish, Italian, Portuguese, Dutch and Scandinavian ones.
create or replace temp macro english_month(name) as case
    when name in ('jan', 'janv', 'jän', 'ene', 'gen') then 'Jan' when name in ('feb', 'févr', 'fev') then 'Feb'
    when name in ('mar', 'mars', 'mär', 'mrz', 'mrt') then 'Mar' when name in ('apr', 'avril', 'abr') then 'Apr'
    when name in ('may', 'mai', 'mei', 'maj', 'mag') then 'May' when name in ('jun', 'juin', 'juni', 'giu') then 'Jun'
    when name in ('jul', 'juil', 'juli', 'lug') then 'Jul' when name in ('aug', 'août', 'ago') then 'Aug'
    when name in ('sep', 'sept', 'set') then 'Sep' when name in ('oct', 'okt', 'ott', 'out') then 'Oct'
    when name = 'nov' then 'Nov' when name in ('dec', 'déc', 'dez', 'des', 'dic') then 'Dec'
end;

-- YYYY-MM-DD... of a year that Python knows as well, wherever on earth; DuckDB also takes years of five and six digits.
create or replace temp macro dated(s) as s[5] = '-' and s between '1970-' and '9998-12-31';
create or replace temp macro iso8601_time(pos, s) as
    case when not dated(s) then null
        when s[-1] = 'Z' or s[-6] in ('+', '-') or s[-5] in ('+', '-') or s[-3] in ('+', '-') and strlen(s) > 19
        then make_timestamp(epoch_us(try_cast(s as timestamptz)))
        else local_to_utc(pos, try_cast(s as timestamp)) end;

-- Seconds since 1970, or thousandths or millionths of them.
create or replace temp macro epoch_time(n) as case
    when n between 0 and 1e17 then make_timestamp(round(case when n < 1e11 then n * 1e6 when n < 1e14 then n * 1e3 else n end)::bigint)
end;

-- STAMP HOST PROGRAM[PID]: TEXT, the stamp an RFC 3164 or an RFC 3339 one. Which of them tells what a log is called, but each line
-- is read by its own: a file goes on in another style where rsyslog's template was changed, as the upgrade to Debian 12 did.
-- (The relation by its name: there is none yet when this is read.)
create or replace temp macro syslog_lines(relation) as table
select
    pos,
    line,
    line as origin,
    case
        when stamped = 15 then local_to_utc(pos, traditional_time(left(bare, 15)))
        else iso8601_time(pos, left(bare, stamped))
    end as event_time,
    lower(split_part(head, ' ', 1)) as host,
    split_part(split_part(head, ' ', 2), '[', 1) as tag,
    substring(bare, colon + 2) as text
from (
    select *, substring(bare, stamped + 2, colon - stamped - 2) as head  -- HOST TAG[PID]
    from (
        select *, strpos(bare, ': ') as colon, case when bare[1] between '0' and '9' then strpos(bare, ' ') - 1 else 15 end as stamped
        from (select pos, line, case when starts_with(line, '<') then substring(line, strpos(line, '>') + 1) else line end as bare from query_table(relation))
    )
);

-- What stands between the lines of a log, and is none: journalctl's marks ("-- Reboot --", "-- Boot ID --", "-- Logs begin at ... --"),
-- the names of files that tail(1) and head(1) put before each ("==> FILE <=="), and what grep(1) puts between its finds ("--").
create or replace temp macro between_lines(line) as
    line in ('', '--') or starts_with(line, '-- ') and ends_with(line, ' --') or starts_with(line, '==> ') and ends_with(line, ' <==');

-- A journald MESSAGE array. What is not UTF-8 is shown as \xNN, as for undecodable bytes in files.
create or replace temp macro printable_byte(b) as case when b between 32 and 126 then chr(b::integer) else '\x' || printf('%02x', b::integer) end;
create or replace temp macro bytes_as_text(bytes) as coalesce(
    try(decode(unhex(list_aggregate(list_transform(bytes, lambda b: printf('%02x', b::integer)), 'string_agg', '')))),
    list_aggregate(list_transform(bytes, lambda b: printable_byte(b)), 'string_agg', ''));

create or replace temp macro unbracketed(x) as case when starts_with(x, '<') and ends_with(x, '>') then substring(x, 2, length(x) - 2) else x end;

-- A content filter on this machine took the mail and queued it: it comes back, and is delivered then.
create or replace temp macro by_filter(relay_ip, reply) as relay_ip in ('127.0.0.1', '::1') and contains(reply, 'queued as ');

-- What tells a line from every other line.
create or replace temp macro line_id(line) as md5_number_lower(line);

-- A parser that does not want every line says which it wants, to be asked of the line as it stands in the log.
create or replace temp macro worth_reading(line) as true;

-- Of the values of JSON fields that mean the same, those that were given: rsyslog writes - for what it does not know.
create or replace temp macro given(texts) as list_filter(texts, lambda text: text not in ('', '-'));

-- The first stamp with a zone (ISO 8601, or seconds since 1970), and the first without (ISO 8601, or RFC 3164's).
create or replace temp macro with_zone(stamps) as list_filter(stamps, lambda stamp: regexp_full_match(
    stamp, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d(?::?\d\d)?)|\d{9,16}(?:\.\d+)?|\d\.\d+[eE]\+?(?:9|1[0-5])'))[1];
create or replace temp macro without_zone(stamps) as list_filter(stamps, lambda stamp: regexp_full_match(
    stamp, '(?:\d{4}-\d\d-\d\d[T ]|[A-Z][a-z]{2} [ \d]\d )\d\d:\d\d:\d\d(?:\.\d+)?'))[1];
