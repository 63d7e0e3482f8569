-- What counts as unusual: the section `alerts:` of the rules files.

create table alert_thresholds (
    alert_id varchar not null,
    measure varchar not null,         -- failed, hard, soft, block, spam, auth, reputation, hard_soft
    scope varchar not null,           -- domain, provider, source_ip, source_ip_provider, sender_domain
    threshold double not null,        -- a share, from 0 to 1, that is never unusual
    factor integer not null,          -- so many times the usual odds are not unusual, either
    min_n integer not null,           -- outcomes that are judged together are at least so many
    min_failed integer not null,
    min_messages integer not null,    -- the failures are of at least so many messages
    why varchar not null
);

-- So that the next run fills the table.
delete from meta where key = 'rules_digest';
