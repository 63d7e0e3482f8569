"""The only room that opens DuckDB: locking, schema, migrations, safe queries, whole copies."""

from logbounce.database.alone import alone
from logbounce.database.answers import records, value
from logbounce.database.compaction import Compacted, compact
from logbounce.database.connection import connect, memory, scratch
from logbounce.database.draft import draft, place
from logbounce.database.statements import statement
from logbounce.database.still import attach, held, write_ahead_logs
from logbounce.database.transaction import transaction
from logbounce.database.whole import read_through

__all__ = [
    "Compacted",
    "alone",
    "attach",
    "compact",
    "connect",
    "draft",
    "held",
    "memory",
    "place",
    "read_through",
    "records",
    "scratch",
    "statement",
    "transaction",
    "value",
    "write_ahead_logs",
]
