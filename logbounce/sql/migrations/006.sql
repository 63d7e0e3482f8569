-- What the client called the message at MAIL FROM (ENVID, RFC 3461 section 4.4): reports repeat it as Original-Envelope-Id.
alter table attempt_rows add column envelope_id varchar;
