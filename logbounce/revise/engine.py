"""The steps by which other rules judge what is stored: `apply`, `undo` and `replay` go the same way.

They are in the caller's transaction and hand each other temp tables: template_changes and changed_streams (what is
another verdict, another policy), touched_addresses, and effects (what it came to).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify.verdicts import judge
from logbounce.database import statement
from logbounce.escalate import append, judge_again

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules

_NUMBERS = "select coalesce(max(number), 0) from suppression_ledger"
_TABLES = ("template_changes", "reclassed", "changed_streams", "touched_addresses", "effects", "reversals")


def compare(connection: DuckDBPyConnection, rules: Rules) -> bool:
    """Judge all templates, publish the rules, and tell whether a verdict or the policy is another one."""
    connection.execute(statement("revise_replies"))
    judge(connection, rules)
    connection.execute(statement("revise_apply"))
    _set(connection, undone=None, undone_from=None, undone_to=None)
    return _changes(connection)


def take_back(connection: DuckDBPyConnection, version: int) -> None:
    """Find what a version changed, and put the policy in force that was so before it."""
    _set(connection, undone=version)
    connection.execute(statement("revise_undo"))
    bounds = connection.execute("select ledger_from, ledger_to from rule_versions where version = $1", [version])
    _set(connection, **dict(zip(("undone_from", "undone_to"), bounds.fetchone() or (), strict=True)))
    _changes(connection)


def carry_out(connection: DuckDBPyConnection, now: datetime, note: str, since: datetime | None = None) -> None:
    """Store the verdicts and judge the addresses that they concern again; with `since`, only those with news since."""
    connection.execute(statement("revise_templates"))
    connection.execute("set variable revise_since = coalesce($1::timestamp, '-infinity')", [since])
    connection.execute(statement("revise_touched"))
    connection.execute(f"set variable effects_from = ({_NUMBERS})")
    # What stood before a version that is taken back stood then.
    connection.execute("set variable doubt_from = coalesce(getvariable('undone_from'), 0)")
    connection.execute("set variable doubt_to = getvariable('effects_from')")
    connection.execute(statement("revise_reversals"))
    append(connection, "revise_reverse", "reversals", now, note)
    judge_again(connection, now, note)
    connection.execute(statement("revise_effects"))


def forget(connection: DuckDBPyConnection) -> None:
    """Drop the tables of the work."""
    for table in _TABLES:
        connection.execute(f"drop table if exists temp.{table}")


def _changes(connection: DuckDBPyConnection) -> bool:
    row = connection.execute(statement("revise_changes")).fetchone()
    return row is not None and any(row)


def _set(connection: DuckDBPyConnection, **values: int | None) -> None:
    for name, value in values.items():
        connection.execute(f"set variable {name} = $1::bigint", [value])
