"""Internationalised domain names: U-labels in a log become the A-labels that DNS and other logs have (RFC 5890)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import idna

from logbounce.database import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def to_ascii(connection: DuckDBPyConnection) -> None:
    """Give the addresses of the table `events` ASCII domains."""
    found = connection.execute(statement("load_names_find")).fetchall()
    if not found:
        return
    names = [name for (name,) in found]
    connection.execute(statement("load_names_known"), {"names": names, "ascii": [_a_labels(name) for name in names]})
    connection.execute(statement("load_names_set"))


def ascii_address(address: str) -> str:
    """Return an address with the domain in A-labels and lower case, as attempts have it."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_a_labels(domain.lower())}"


def _a_labels(name: str) -> str:
    """Return the A-labels of a domain, or the name as it is when it is none (RFC 5891)."""
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return name
