-- Our own table functions, such as rates_between().
select distinct function_name from duckdb_functions() where function_type = 'table_macro' and not internal;
