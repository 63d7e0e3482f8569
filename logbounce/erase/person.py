"""Erases a person: every row and every text that holds an address, from the file itself too."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from logbounce.clock import utc_now
from logbounce.database import compact, connect, statement, transaction
from logbounce.erase.counting import Erased, erase
from logbounce.erase.written import as_packed, as_recipient, as_text
from logbounce.errors import DatabaseError
from logbounce.suppress import mark, require_address, spellings

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

# In this order: a template is deleted when no attempt has it any more.
_TABLES = (
    "attempt_rows",
    "messages",
    "complaints",
    "report_rows",
    "report_messages",
    "unparsed_lines",
    "response_templates",
    "undecided_addresses",
    "suppression_ledger",
    "rule_versions",
)


def forget(path: Path, address: str) -> list[Erased]:
    """Erase an address from the database at `path`, and its bytes from the file; return what was erased, by table.

    Where it is suppressed, a salted hash of it stays, by which `is_suppressed` knows it again.
    """
    require_address(address)
    with connect(path, make=False) as connection, transaction(connection):
        _name(connection, address)
        erased = [erase(connection, "forget", table) for table in _TABLES]
    try:
        compact(path)
    except DatabaseError as error:
        still = "the rows are erased, and their bytes may still be in the file: run `logbounce compact`"
        raise type(error)(f"{error}; {still}") from error
    return erased


def _name(connection: DuckDBPyConnection, address: str) -> None:
    """Put where SQL finds it who is to be forgotten, and by what they are known afterwards."""
    names = spellings(address)
    given = {
        "as_text": as_text(names),
        "as_packed": as_packed(names),
        "as_recipient": as_recipient(names),
        "mark": mark(address, _salt(connection)),
        "now": utc_now(),
    }
    for name, value in given.items():
        connection.execute(f"set variable {name} = $1", [value])
    connection.execute(statement("forget_begin"))


def _salt(connection: DuckDBPyConnection) -> str:
    """Return the salt of this database's marks, which is made with the first."""
    row = connection.execute("select value from meta where key = 'forget_salt'").fetchone()
    if row:
        return str(row[0])
    salt = secrets.token_hex(32)
    connection.execute("insert into meta values ('forget_salt', $1)", [salt])
    return salt
