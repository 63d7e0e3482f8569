"""Fills a database with the attempts, complaints and policies of a test."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from logbounce.database import memory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

START = dt.datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the database holds plain UTC
ACTS = {"H": "hard", "S3": "soft", "S0": "soft", "B": "block"}
PRESETS = {
    "standard": (1, 3, 72, 24, None, "consecutive"),
    "total": (1, 3, 72, 24, None, "total"),
    "lenient": (1, 5, 72, 24, None, "consecutive"),
    "patient": (3, None, None, 24, None, "consecutive"),
    "limit": (None, None, None, 24, 2, "total"),
    "never": (0, 0, 72, 24, 0, "total"),
}
_numbers = itertools.count(1)


def after(hours: float = 0, seconds: int = 0) -> dt.datetime:
    """Return the time so long after the start of the test's history."""
    return START + dt.timedelta(hours=hours, seconds=seconds)


@dataclass(frozen=True)
class Attempt:
    """What a log line said; `act` picks the template of its response."""

    event_time: dt.datetime
    outcome: str = "deferred"
    act: str | None = "S3"
    recipient: str = "Ann.Lee@example.org"
    sender: str | None = "news@sender.example"
    delivery_id: int = field(default_factory=lambda: next(_numbers))
    attempt_id: int = field(default_factory=lambda: next(_numbers))
    asynchronous: bool = False
    suspended: bool = False
    category: str | None = None
    provider: str | None = "google"
    source_ip: str | None = "198.51.100.10"
    message_id: str | None = None
    source_offset: int = 0

    def row(self) -> dict[str, object]:
        """Return the row of attempt_rows."""
        failed = self.act and self.outcome not in ("delivered", "relayed")
        return {
            **{name: value for name, value in vars(self).items() if name not in ("act", "category")},
            "mta": "postfix",
            "recipient_domain": self.recipient.rpartition("@")[2],
            "template_id": template_id(self.act or "", self.category) if failed else None,
            "response": f"answer of act {self.act}" if failed else None,
            "source_name": "mail.log",
        }


def delivered(event_time: dt.datetime, **columns: object) -> Attempt:
    """Return an attempt that was accepted."""
    return Attempt(event_time, "delivered", None, **columns)  # type: ignore[arg-type]


def bounced(event_time: dt.datetime, act: str = "H", **columns: object) -> Attempt:
    """Return an attempt that was refused for good."""
    return Attempt(event_time, "bounced", act, **columns)  # type: ignore[arg-type]


def template_id(act: str, category: str | None) -> int:
    """Return the id of the template of an act and category."""
    return int.from_bytes(f"{act}:{category or ''}".encode()[:7])


def database(preset: str = "standard") -> DuckDBPyConnection:
    """Return a database in memory with one policy for every stream."""
    connection = memory()
    policy(connection, "", None, preset)
    return connection


def begin_again(connection: DuckDBPyConnection, preset: str = "standard") -> None:
    """Empty a database: much faster than a new one."""
    for table in ("attempt_rows", "complaints", "suppression_ledger", "policies", "response_templates"):
        connection.execute(f"delete from {table}")  # noqa: S608 - the names stand here
    policy(connection, "", None, preset)


def policy(connection: DuckDBPyConnection, stream: str, pattern: str | None, preset: str) -> None:
    """Add the policy of a sending stream."""
    insert = "insert into policies select $1, $2, $3, $4, $5, $6, $7, $8, $9"
    connection.execute(insert, [stream, pattern, preset, *PRESETS[preset]])


def store(connection: DuckDBPyConnection, attempts: Iterable[Attempt]) -> None:
    """Store attempts, and the templates of their responses."""
    attempts = list(attempts)
    if not attempts:
        return
    known = {row[0] for row in connection.execute("select template_id from response_templates").fetchall()}
    wanted = {(a.act, a.category) for a in attempts if a.act and a.outcome not in ("delivered", "relayed")}
    for act, category in sorted(wanted, key=str):
        if act and (number := template_id(act, category)) not in known:
            connection.execute(
                "insert into response_templates "
                "values ($1, 'postfix', null, 'rcpt', 550, '5.0.0', $2, $2, $3, $4, $5, $6, $7)",
                [number, f"answer of act {act}", category or f"{act}-category", ACTS[act], act, f"rule-{act}", START],
            )
    rows = pa.Table.from_pylist([attempt.row() for attempt in attempts])
    connection.register("new_rows", rows)
    connection.execute("insert into attempt_rows by name select * from new_rows")
    connection.unregister("new_rows")


def complain(
    connection: DuckDBPyConnection,
    event_time: dt.datetime,
    feedback_type: str | None = "abuse",
    recipient: str | None = "ann.lee@EXAMPLE.org",
    message_id: str | None = None,
) -> int:
    """Store a complaint and return its id."""
    number = next(_numbers)
    connection.execute(
        "insert into complaints by name "
        "select $1 as complaint_id, $2 as event_time, $3 as feedback_type, $4 as recipient, $5 as message_id, "
        "'news@sender.example' as sender, 'fbl.log' as source_name, 0 as source_offset",
        [number, event_time, feedback_type, recipient, message_id],
    )
    return number


def ledger(connection: DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Return the decisions in their order: address, stream, reason, bounces, first and last evidence."""
    return connection.execute(
        "select address, stream, reason, bounces, first_evidence, last_evidence from suppression_ledger order by number"
    ).fetchall()
