-- The person: the variables `as_text`, `as_packed` and `as_recipient` are the patterns of logbounce/erase/written.py.
create or replace temp macro is_theirs(x) as coalesce(regexp_matches(x, getvariable('as_recipient')), false);

-- The address within a text, and packed into a sender (VERP: ann=example.org). What stands around it is kept. (A sender
-- bounces-7-ann=example.org cannot be told from one of x-ann@example.org: both lose it.)
create or replace temp macro names_them(x) as
    coalesce(regexp_matches(x, getvariable('as_text')) or regexp_matches(x, getvariable('as_packed')), false);

-- Mail for them: to the address, or to one that was made of it for the answer (bounces+ann=example.org@news.example).
create or replace temp macro is_to_them(x) as
    is_theirs(x) or coalesce(regexp_matches(x, getvariable('as_packed')), false);

-- Twice: two that stand side by side share what is between them.
create or replace temp macro blanked(x, pattern) as
    regexp_replace(regexp_replace(x, pattern, '\1[forgotten]\2', 'g'), pattern, '\1[forgotten]\2', 'g');
create or replace temp macro without_them(x) as blanked(blanked(x, getvariable('as_text')), getvariable('as_packed'));

-- What they leave: the answers to mail for them, and the suppressions that have to stand.
create or replace temp table their_responses as
select distinct template_id, response from attempt_rows where is_to_them(recipient) or is_to_them(original_recipient)
union
select template_id, diagnostic_code from report_rows
where is_to_them(recipient) or is_to_them(final_recipient) or is_to_them(original_recipient);

create or replace temp table their_suppressions as
select stream, reason, category from suppressions where is_theirs(address);
