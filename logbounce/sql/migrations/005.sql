-- Rules that were applied to what is stored, and what that changed, so that it can be taken back.

create table rule_versions (
    version integer not null,         -- from 1
    applied_at timestamp not null,
    action varchar not null,          -- apply, undo
    undoes integer,                   -- the version that an undo takes back
    digest varchar,                   -- of the rules files; null for an undo
    note varchar,
    templates_changed bigint not null,
    suppressed bigint not null,       -- addresses, each for a stream: who was mailed before and is not to be any more
    released bigint not null,         -- the other way round
    replaced bigint not null,         -- suppressed before and after, on other evidence
    ledger_from bigint not null,      -- its rows of suppression_ledger have numbers above this one
    ledger_to bigint not null         -- and up to this one
);

-- The templates that a version judged otherwise than they were.
create table rule_changes (
    version integer not null,
    template_id ubigint not null,
    old_category varchar,
    old_bounce_class varchar,
    old_act varchar,
    old_rule_id varchar,
    new_category varchar,
    new_bounce_class varchar,
    new_act varchar,
    new_rule_id varchar
);

-- The policy of each version, by which every address was judged; 0 is what was in force before any.
create table rule_policies as select 0 as version, * from policies;
