"""The rules files' tables, so that an analyst can join them."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

from logbounce.database import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from logbounce.rules.model import Policy, Rules


def publish(connection: DuckDBPyConnection, rules: Rules) -> None:
    """Replace the tables of what the rules files say, unless they are of these rules already."""
    row = connection.execute("select value from meta where key = 'rules_digest'").fetchone()
    if row is not None and row[0] == rules.digest:
        return
    connection.execute(statement("classify_unpublish"))
    _insert(connection, "categories", [astuple(category) for category in rules.categories.values()])
    _insert(connection, "providers", _suffixes(rules))
    _insert(
        connection, "rules", [(n, r.id, r.category, r.origin, r.why, r.source) for n, r in enumerate(rules.rules, 1)]
    )
    _insert(connection, "policies", _policies(rules.policy))
    connection.execute("insert into rule_policies select 0, * from policies where not exists (from rule_policies)")
    _insert(connection, "alert_thresholds", [astuple(alert) for alert in rules.alerts.values()])
    connection.execute("insert into meta values ('rules_digest', $1)", [rules.digest])


def _suffixes(rules: Rules) -> list[tuple[str, str, str]]:
    mx = [(provider.name, "mx", suffix) for provider in rules.providers.values() for suffix in provider.mx]
    return mx + [(provider.name, "domain", name) for provider in rules.providers.values() for name in provider.domains]


def _policies(policy: Policy) -> list[tuple[object, ...]]:
    streams = [(stream.name, stream.sender, stream.preset) for stream in policy.streams]
    return [(*stream, *astuple(policy.presets[stream[2]])) for stream in [*streams, ("", None, policy.preset)]]


def _insert(connection: DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows as one Arrow table: as parameters, DuckDB takes a fifth of a second for them."""
    import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

    if not rows:
        return
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    connection.register("published", pa.table(columns, [f"column{n}" for n in range(len(columns))]))
    connection.execute(f"insert into {table} from published")
    connection.unregister("published")
