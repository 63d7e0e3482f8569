"""The only room that opens DuckDB: locking, schema, migrations, safe queries."""

from logbounce.database.connection import connect, memory, scratch
from logbounce.database.statements import statement
from logbounce.database.transaction import transaction
from logbounce.database.writer import only_reader_of_logs

__all__ = ["connect", "memory", "only_reader_of_logs", "scratch", "statement", "transaction"]
