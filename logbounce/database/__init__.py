"""The only room that opens DuckDB: locking, schema, migrations, safe queries."""

from logbounce.database.connection import connect, memory, scratch
from logbounce.database.statements import statement

__all__ = ["connect", "memory", "scratch", "statement"]
