"""How far the rules reach in what was logged: which of them decide, which never do, and what none of them knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.clock import utc
from logbounce.database import statement

if TYPE_CHECKING:
    import datetime as dt

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rule, Rules

COLUMNS = ("rule_id", "category", "bounce_class", "attempts", "addresses", "templates", "last_time")

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Attempts that were refused, by the rule that says why: `rows` of those that decided any, the busiest first."""

    attempts: int
    undetermined: int
    rows: tuple[Row, ...]
    unused: tuple[Rule, ...]

    @property
    def share(self) -> float | None:
        """The share of refused attempts that no rule knows, from 0 to 1; None where nothing was refused."""
        return self.undetermined / self.attempts if self.attempts else None


def coverage(connection: DuckDBPyConnection, rules: Rules, since: dt.datetime | None) -> Coverage:
    """Count what each rule has decided from `since` on."""
    asked = connection.execute(statement("learn_coverage"), {"since": since and utc(since)})
    found = [dict(zip(COLUMNS, row, strict=True)) for row in asked.fetchall()]
    rows = tuple(row for row in found if row["rule_id"] is not None)
    used = {row["rule_id"] for row in rows}
    attempts = sum(int(str(row["attempts"])) for row in found)
    decided = sum(int(str(row["attempts"])) for row in rows)
    return Coverage(attempts, attempts - decided, rows, tuple(rule for rule in rules.rules if rule.id not in used))
