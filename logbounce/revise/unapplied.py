"""Whether what is stored was judged by other rules than those in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from logbounce.database import statement
from logbounce.revise import engine

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules


class Unapplied(NamedTuple):
    """What the rules in force would judge otherwise."""

    templates: int  # that would have another class
    templates_judged: int
    policy: bool


def unapplied(connection: DuckDBPyConnection, rules: Rules) -> Unapplied:
    """Hold what is stored against the rules in force; nothing is written, temp tables are left behind."""
    if _known(connection, rules.digest):
        connection.execute(statement("unapplied_policy"))
        connection.execute(statement("revise_changes"))
    else:
        connection.execute(statement("revise_shadow_rules"))
        engine.compare(connection, rules)
    templates, judged, policy = connection.execute(statement("unapplied")).fetchone() or (0, 0, False)
    return Unapplied(templates, judged, policy)


def _known(connection: DuckDBPyConnection, digest: str) -> bool:
    return connection.execute(statement("unapplied_known"), [digest]).fetchone() == (True,)
