"""The only room that opens DuckDB: locking, schema, migrations, safe queries."""

from logbounce.database.connection import connect, memory
from logbounce.database.statements import statement

__all__ = ["connect", "memory", "statement"]
