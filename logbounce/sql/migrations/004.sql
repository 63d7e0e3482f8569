-- Bounce messages that were fetched from mailboxes.

-- Every message that was looked at, so that none is fetched, counted or tried for ever again.
create table report_messages (
    source_name varchar not null,     -- the mailbox account
    entry varchar not null,           -- FOLDER/UIDVALIDITY/UID, UIDL, or the name of a file
    sha256 varchar,                   -- of the raw message; null: it was not fetched
    size_bytes bigint,
    read_at timestamp not null,
    kind varchar,                     -- bounce, delayed, delivered, feedback, autoreply, nonbounce; null: not understood
    failures integer not null,        -- how often it could not be read
    error varchar,
    quarantined boolean not null,     -- it failed too often, and is not tried again
    settled boolean not null          -- marked, moved or deleted as the settings say
);

-- What the messages say, a row for each recipient. `dsn_reports` shows them beside those of the logs.
create table report_rows (
    report_id ubigint not null,       -- of the message's SHA-256 and the recipient's number in it
    sha256 varchar not null,
    source_name varchar not null,
    entry varchar not null,
    read_at timestamp not null,
    event_time timestamp not null,    -- when the last attempt was, or when the report was written
    kind varchar not null,            -- bounce, delayed, delivered, feedback
    recipient varchar,                -- whom it is about
    final_recipient varchar,
    original_recipient varchar,
    action varchar,
    status varchar,
    smtp_code usmallint,
    diagnostic_code varchar,
    template_id ubigint,
    reporting_mta varchar,
    remote_mta varchar,
    arrival_date timestamp,
    last_attempt_date timestamp,
    original_message_id varchar,
    original_envelope_id varchar,
    x_queue_id varchar,
    sender varchar,                   -- envelope sender or From of the message that came back
    feedback_type varchar,
    source_ip varchar,
    reporter varchar,
    verp varchar,                     -- of the address that it was sent to: good, expired, wrong signature, ..., hint
    verp_expires date,                -- the last day of a good one
    trusted boolean not null,         -- the account's `trust: any`
    matched varchar,                  -- queue_id, message_id, verp, trust; null: nothing proves it
    delivery_id ubigint,              -- the message and recipient that it is about
    attempt_id ubigint,               -- the row of `attempts` that says the same, or that was made of it
    made_attempt boolean not null,    -- it was made of it: no log told of this failure
    sent_time timestamp
);
