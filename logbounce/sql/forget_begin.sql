-- The person: the variable `spellings` holds the address as it may be written, in lower case.
create or replace temp macro is_theirs(x) as lower(x) in (select unnest(getvariable('spellings')::varchar[]));

-- The address within a text, and packed into a sender (VERP: ann=example.org); not where it is a part of another one: neither
-- joann@example.org nor ann@example.org.uk is ann@example.org. What stands around it is kept. (A sender
-- bounces-7-ann=example.org cannot be told from one of x-ann@example.org: both lose it.)
set variable after_address = '($|[^a-z0-9.\-]|\.$|\.[^a-z0-9])';
set variable as_text = (
    select '(?i)(^|[^a-z0-9._%+\-])(?:' || string_agg(regexp_escape(spelling), '|') || ')' || getvariable('after_address')
    from unnest(getvariable('spellings')::varchar[]) as written (spelling)
);
set variable as_verp = (
    select '(?i)(^|[^a-z0-9._%])(?:' || string_agg(regexp_escape(replace(spelling, '@', '=')), '|') || ')' || getvariable('after_address')
    from unnest(getvariable('spellings')::varchar[]) as written (spelling)
);
create or replace temp macro names_them(x) as
    coalesce(regexp_matches(x, getvariable('as_text')) or regexp_matches(x, getvariable('as_verp')), false);

-- Mail for them: to the address, or to one that was made of it for the answer (bounces+ann=example.org@news.example).
create or replace temp macro is_to_them(x) as
    coalesce(is_theirs(x), false) or coalesce(regexp_matches(x, getvariable('as_verp')), false);

-- Twice: two that stand side by side share what is between them.
create or replace temp macro blanked(x, pattern) as
    regexp_replace(regexp_replace(x, pattern, '\1[forgotten]\2', 'g'), pattern, '\1[forgotten]\2', 'g');
create or replace temp macro without_them(x) as blanked(blanked(x, getvariable('as_text')), getvariable('as_verp'));

-- What they leave: the answers to mail for them, and the suppressions that have to stand.
create or replace temp table their_responses as
select distinct template_id, response from attempt_rows where is_to_them(recipient) or is_to_them(original_recipient)
union
select template_id, diagnostic_code from report_rows
where is_to_them(recipient) or is_to_them(final_recipient) or is_to_them(original_recipient);

create or replace temp table their_suppressions as
select stream, reason, category from suppressions where is_theirs(address);
