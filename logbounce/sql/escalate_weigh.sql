-- Doubts and decisions against each other: who is in doubt and not decided upon is released.
create or replace temp table releases as
from doubted anti join decisions using (address_key, stream);

-- Whose evidence still counts, and whom the other policy suppresses for the same reason, needs no new row.
delete from decisions d
where exists (
    from doubted
    where doubted.address_key = d.address_key and doubted.stream = d.stream and doubted.reason = d.reason and not doubted.refuted
);
drop table temp.doubted;
