-- What a statement is made of: why it is no SELECT, or the table functions in it, at any depth.
select
    json_extract_string(tree, '$.error_message') as error,
    json_extract_string(tree, '$..function.function_name') as functions
from (select json_serialize_sql($1) as tree);
