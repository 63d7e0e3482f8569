"""Bounce messages into rows: stored, matched with the log, and attempts where no log tells of the failure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from logbounce.clock import utc_now
from logbounce.database import statement, transaction, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.ingest.fetched import Fetched

_WAITING = timedelta(days=7)  # for so long a log is waited for that tells of the message
_OLDEST_SEND_DAYS = 60  # before the report: mail queues give up after 5, our VERP addresses by default after 30
_MOST_FAILURES = 3
_NO_MEMORY = "memory does not suffice to store what it says"
_TEXTS = (
    "source_name", "sha256", "entry", "kind", "recipient", "final_recipient", "original_recipient", "action", "status",
    "diagnostic_code", "reporting_mta", "remote_mta", "original_message_id", "original_envelope_id", "x_queue_id",
    "sender", "feedback_type", "source_ip", "reporter", "verp",
)  # fmt: skip
_TIMES = ("read_at", "event_time", "arrival_date", "last_attempt_date")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _TEXTS]
    + [(name, pa.timestamp("us")) for name in _TIMES]
    + [("verp_expires", pa.date32()), ("number", pa.int32()), ("smtp_code", pa.uint16()), ("trusted", pa.bool_())]
)


_NOTES = pa.schema([
    ("source_name", pa.string()), ("entry", pa.string()), ("sha256", pa.string()), ("size_bytes", pa.int64()),
    ("read_at", pa.timestamp("us")), ("kind", pa.string()), ("error", pa.string()),
])  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A message that was looked at before."""

    kind: str | None
    error: str | None
    settled: bool
    sha256: str | None = None  # null: it was not fetched


def known_entries(connection: DuckDBPyConnection, source_name: str) -> dict[tuple[str, int], Known]:
    """Return the messages of an account that need not be fetched again, by key and size: read, or given up."""
    found = connection.execute(statement("reports_known"), {"source_name": source_name}).fetchall()
    return {(entry, size): Known(*more) for entry, size, *more in found}


def settled(connection: DuckDBPyConnection, source_name: str, entries: Sequence[str]) -> None:
    """Note that messages were marked, moved or deleted as the settings say."""
    if entries:
        values = {"source_name": source_name, "entries": list(entries)}
        connection.execute(statement("reports_settled"), values)


def store(connection: DuckDBPyConnection, source_name: str, messages: Sequence[Fetched]) -> set[str]:
    """Store what messages say, in one transaction; return the entries that could not be read too often by now."""
    now = utc_now()
    rows = [row | {"read_at": now} for message in messages for row in message.rows]
    with transaction(connection):
        given_up = _note(connection, source_name, messages)
        if rows:
            connection.register("report_records", pa.Table.from_pylist(rows, _SCHEMA))
            connection.execute(statement("reports_store"))
            connection.unregister("report_records")
        match(connection)
    return given_up


@dataclass
class Stored:
    """Messages as they were stored: those that memory did not suffice for have an error."""

    messages: list[Fetched] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)


def store_each(connection: DuckDBPyConnection, source_name: str, messages: Sequence[Fetched]) -> Stored:
    """Store messages, in halves where memory does not suffice: one that it never suffices for stops no other."""
    try:
        return Stored([*messages], store(connection, source_name, messages))
    except duckdb.OutOfMemoryException:
        middle = len(messages) // 2
        pieces = [messages[:middle], messages[middle:]] if middle else []
    if not pieces:
        return _without_rows(connection, source_name, messages)
    stored = Stored()
    for piece in pieces:
        one = store_each(connection, source_name, piece)
        stored = Stored(stored.messages + one.messages, stored.given_up | one.given_up)
    return stored


def _without_rows(connection: DuckDBPyConnection, source_name: str, messages: Sequence[Fetched]) -> Stored:
    failed = [replace(message, kind=None, rows=[], error=message.error or _NO_MEMORY) for message in messages]
    with transaction(connection):
        return Stored(failed, _note(connection, source_name, failed))


def match(connection: DuckDBPyConnection, since: datetime | None = None) -> None:
    """Bring together reports and sends, within the caller's transaction: a log may be read after the report.

    Reports that were read before `since` (UTC) stay as they are: by default, those that no log is waited for any more.
    """
    connection.execute(statement("load_macros"))
    connection.execute("set variable reports_since = $1", [since or utc_now() - _WAITING])
    connection.execute("set variable reports_days = $1", [_OLDEST_SEND_DAYS])
    connection.execute(statement("reports_match"))
    connection.execute(statement("reports_attempts"))


def match_block(connection: DuckDBPyConnection) -> None:
    """Bring together the block that was just loaded and reports that were read before it, in the same transaction."""
    since = utc_now() - _WAITING
    if not value(connection, "select exists (from report_rows where read_at >= $1)", [since]):
        return  # a server without a mailbox for bounces has none: to look for what nobody waits for takes longer
    connection.execute("set variable reports_since = $1", [since])
    if value(connection, statement("reports_awaited")):
        match(connection)


def _note(connection: DuckDBPyConnection, source_name: str, messages: Sequence[Fetched]) -> set[str]:
    notes = [
        {
            "source_name": source_name,
            "entry": message.entry,
            "sha256": message.sha256,
            "size_bytes": message.size,
            "read_at": utc_now(),
            "kind": message.kind,
            "error": message.error,
        }
        for message in messages
    ]
    connection.register("report_notes", pa.Table.from_pylist(notes, _NOTES))
    connection.execute("set variable reports_most = $1", [_MOST_FAILURES])
    given_up = connection.execute(statement("reports_note")).fetchall()
    connection.unregister("report_notes")
    return {entry for (entry,) in given_up}
