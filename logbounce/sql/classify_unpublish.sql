-- Before the tables of the rules files are written anew.
delete from categories;
delete from providers;
delete from rules;
delete from policies;
delete from alert_thresholds;
delete from meta where key = 'rules_digest';
