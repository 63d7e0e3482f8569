"""What other rules would change, found by the steps that would change it, on temp tables: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.clock import utc, utc_now
from logbounce.database import connect, records, statement
from logbounce.revise import engine

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from logbounce.rules import Rules

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Replay:
    """What would change.

    `totals` counts; `templates` has a row for each class that becomes another, `addresses` one for each address that
    would be suppressed or released, at most so many of each as were asked for.
    """

    totals: Row
    templates: list[Row]
    addresses: list[Row]


def replay(path: Path, rules: Rules, *, since: dt.datetime | None = None, top: int = 10) -> Replay:
    """Tell what `apply` would change; with `since`, only for addresses of which there is news since then."""
    with connect(path, read_only=True) as connection:
        connection.execute(statement("revise_shadow_rules"))
        connection.execute(statement("revise_shadow"))
        engine.compare(connection, rules)
        engine.carry_out(connection, utc_now(), "tried", since and utc(since))
        connection.execute(statement("replay_accepted"))
        (totals,) = records(connection, "replay_totals")
        return Replay(totals, records(connection, "replay_templates"), records(connection, "replay_addresses", [top]))
