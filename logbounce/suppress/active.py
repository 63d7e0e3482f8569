"""Reads the suppressions that are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from logbounce.database import statement, value
from logbounce.suppress.names import FORGOTTEN, mark, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from duckdb import DuckDBPyConnection

_AT_ONCE = 10_000  # rows in memory, of a list that may hold millions


class Suppression(NamedTuple):
    """A standing decision not to mail an address, in the order of columns of sql/suppress_list.sql."""

    address: str
    stream: str  # '' for every stream
    reason: str
    category: str | None
    rule_id: str | None
    policy: str | None
    bounces: int | None
    first_evidence: datetime | None
    last_evidence: datetime | None
    decided_at: datetime
    note: str | None


def listing(connection: DuckDBPyConnection) -> Iterator[Suppression]:
    """Yield the suppressions in force, by address."""
    result = connection.execute(statement("suppress_list"))
    while rows := result.fetchmany(_AT_ONCE):
        yield from map(Suppression._make, rows)


def is_suppressed(connection: DuckDBPyConnection, address: str) -> Suppression | None:
    """Return why an address is suppressed, or None; one for every stream comes before one for a single stream."""
    row = connection.execute(statement("suppress_check"), [[address, *known_as(connection, address)]]).fetchone()
    return Suppression._make(row)._replace(address=address if row[0].startswith(FORGOTTEN) else row[0]) if row else None


def known_as(connection: DuckDBPyConnection, address: str) -> list[str]:
    """Return what may stand in the ledger for an address: its spellings, and its mark if any address was forgotten."""
    row = connection.execute("select value from meta where key = 'forget_salt'").fetchone()
    return [*spellings(address), *([mark(address, row[0])] if row else [])]


def was_mailed(connection: DuckDBPyConnection, name: str) -> bool:
    """Tell whether there is mail to a user of the server's own, whose recipient has no domain."""
    sql = "select exists (from attempts where lower(recipient) = lower($1))"
    return bool(value(connection, sql, [name]))
