-- The table `hops` says which deliveries were none. The addresses are judged again: a delivery begins the count again.
update attempt_rows as a set outcome = 'relayed'
from hops as h
where a.rowid = h.number and a.event_time between getvariable('sent_from') and getvariable('sent_to');

insert into block_addresses select address from hops;
