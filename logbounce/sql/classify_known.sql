-- The templates that were judged in earlier batches.
create or replace temp table known (key bigint, mta varchar, provider varchar, smtp_stage varchar, reply varchar);

-- Those of the present batch that are new. No temporary table: where one is made anew, what was planned is planned again.
create or replace table replies (
    key bigint, mta varchar, provider varchar, smtp_stage varchar, reply varchar, smtp_code usmallint, enhanced_status varchar
);
