"""Classes and decisions for what is stored and was not judged yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce import classify, escalate
from logbounce.database import statement, transaction, value
from logbounce.rules import publish

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules
    from logbounce.settings import Settings


def prepare(connection: DuckDBPyConnection, settings: Settings, rules: Rules) -> None:
    """Put the rules, and the map from instance to source IP, where SQL finds them."""
    with transaction(connection):
        publish(connection, rules)
    ips = settings.source_ips
    connection.execute(statement("ingest_source_ips"), {"names": list(ips), "ips": list(ips.values())})


def decide(connection: DuckDBPyConnection, rules: Rules) -> int:
    """Classify what is new and apply the policy to whom it is about; return how many addresses it suppressed.

    What is stored and not decided is kept in the database, so that a run that was cut short loses no decision.
    """
    if not _due(connection):  # to plan the rules and the policy takes longer than a small commit
        return 0
    with transaction(connection):
        classify.classify_templates(connection, rules)
        connection.execute(statement("ingest_undecided"))
        return escalate.escalate(connection)


def _due(connection: DuckDBPyConnection) -> bool:
    return bool(value(connection, statement("ingest_due")))
