-- The addresses of which a block says something that the policy may judge.
insert into undecided_addresses select distinct address from block_addresses
