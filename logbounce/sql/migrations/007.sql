-- The Postfix instance of the message's queue manager: two instances on one host can use the same queue id at the same time.
alter table messages add column instance varchar;
