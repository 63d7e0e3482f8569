-- The templates that were judged in earlier batches.
create or replace temp table known (key bigint, mta varchar, provider varchar, smtp_stage varchar, reply varchar);
