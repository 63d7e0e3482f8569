"""Asks all that the database knows of one address; the policy is the one that decides, at work without writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logbounce.clock import utc
from logbounce.database import connect, records, statement
from logbounce.escalate import weigh
from logbounce.suppress import AddressError, known_as, require_recipient, spellings

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of an address. Times are UTC; the columns of each row are those of sql/explain_*.sql.

    `decisions` is the ledger in order, each with its `evidence`. Where mail may be sent, `limits` says how far each
    limit of each stream's policy is, and `bounces` what counts and what does not, with `standing` saying why; so many
    as `left_out` that do not are not among them. `mail` has the last messages, the newest first; `rules` what the
    rules file says of the rules that were named.
    """

    address: str
    summary: Row
    decisions: list[Row]
    limits: list[Row]
    bounces: list[Row]
    left_out: int
    mail: list[Row]
    rules: list[Row]

    @property
    def known(self) -> bool:
        """Tell whether the database has anything of the address."""
        found = (self.decisions, self.bounces, self.left_out, self.mail)
        return any(found) or bool(self.summary["went_on_to"])

    @property
    def in_force(self) -> list[Row]:
        """Return the suppressions, those for every stream first."""
        return sorted((row for row in self.decisions if row["in_force"]), key=lambda row: str(row["stream"]))

    @property
    def suppressed_for_all(self) -> bool:
        """Tell whether no mail at all may be sent to it."""
        return any(not row["stream"] for row in self.in_force)


def explain(path: Path, address: str, *, limit: int, now: dt.datetime) -> Explained:
    """Explain an address at the time `now`, with at most `limit` messages, and `limit` bounces that do not count.

    Opens the database read-only. AddressError if it is no address; nobody's address is no error.
    """
    address = require_recipient(address)
    if not address.isprintable():
        raise AddressError(f"{address}: has a control or invisible character in it, expected an address")
    with connect(path, read_only=True) as connection:
        _choose(connection, address)
        weigh(connection, utc(now))
        for step in ("explain_happened", "explain_weighed"):
            connection.execute(statement(step))
        return _answer(connection, address, limit)


def _choose(connection: DuckDBPyConnection, address: str) -> None:
    """Put temp tables of what is stored of the address before those of the database."""
    known = known_as(connection, address)
    for name, value in {"address": address, "spellings": spellings(address), "known_as": known}.items():
        connection.execute(f"set variable {name} = $1", [value])
    connection.execute(statement("explain_address"))


def _answer(connection: DuckDBPyConnection, address: str, limit: int) -> Explained:
    (summary,) = _ask(connection, "summary")
    evidence = _ask(connection, "evidence")
    decisions = [
        {**row, "evidence": [_without(each, "number") for each in evidence if each["number"] == row["number"]]}
        for row in _ask(connection, "decisions")
    ]
    bounces = _ask(connection, "bounces", limit=limit)
    mail = _ask(connection, "mail", limit=limit)
    named = {row["rule_id"] for row in (*decisions, *evidence, *bounces, *mail) if row["rule_id"]}
    return Explained(
        address=summary.pop("logged_as") or address,
        summary=summary,
        decisions=decisions,
        limits=_ask(connection, "limits"),
        bounces=[_without(row, "n") for row in bounces],
        left_out=bounces[0]["n"] - len(bounces) if bounces else 0,
        mail=mail,
        rules=_ask(connection, "rules", ids=sorted(named)),
    )


def _ask(connection: DuckDBPyConnection, name: str, **values: object) -> list[Row]:
    return records(connection, f"explain_{name}", values)


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}
