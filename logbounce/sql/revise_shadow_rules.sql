-- Temp tables that stand before those of the database, views included, and take what is written: what the rules say.
create temp table meta as from meta;
create temp table categories as from categories;
create temp table providers as from providers;
create temp table rules as from rules;
create temp table policies as from policies;
create temp table alert_thresholds as from alert_thresholds;
create temp table rule_policies as from rule_policies;
