-- The templates are known to agree; what the policy was by which everybody was judged.
create or replace temp table template_changes as from rule_changes limit 0;
create or replace temp table policies_before as
select * exclude (version) from rule_policies where version = applied_version();
