-- These rules have just judged so many templates: were those all?
insert into meta
select 'templates_digest', $1
where (select count(*) from response_templates where category is not null) = $2
    and not exists (from meta where key = 'templates_digest');
