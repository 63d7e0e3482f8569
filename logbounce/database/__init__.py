"""The only room that opens DuckDB: locking, schema, migrations, safe queries."""

from logbounce.database.connection import connect, memory, scratch
from logbounce.database.statements import statement
from logbounce.database.transaction import transaction

__all__ = ["connect", "memory", "scratch", "statement", "transaction"]
