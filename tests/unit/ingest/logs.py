"""Small Postfix logs, and what the database says after they were read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from logbounce.database import connect
from logbounce.ingest import Pipeline, oldest_first
from logbounce.rules import load_rules
from logbounce.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

START = datetime.fromisoformat("2026-11-20T10:00:00")
RULES = load_rules()


def line(seconds: float, text: str, tag: str = "postfix/smtp", host: str = "mx1") -> str:
    """Return a log line so many seconds after the start."""
    return f"{(START + timedelta(seconds=seconds)).isoformat(timespec='microseconds')}Z {host} {tag}[7]: {text}"


def arrival(seconds: float, queue_id: str, sender: str = "news@sender.example", message_id: str = "") -> list[str]:
    """Return the lines of a message's arrival."""
    message_id = message_id or f"{queue_id}@sender.example"
    return [
        line(seconds, f"{queue_id}: message-id=<{message_id}>", "postfix/cleanup"),
        line(seconds, f"{queue_id}: from=<{sender}>, size=1000, nrcpt=1 (queue active)", "postfix/qmgr"),
    ]


def attempt(
    seconds: float, queue_id: str, recipient: str, status: str = "sent", reason: str = "250 2.0.0 Ok", **more: str
) -> str:
    """Return the line of an attempt."""
    dsn = {"sent": "2.0.0", "deferred": "4.2.0", "bounced": "5.1.1"}[status]
    relay = more.get("relay", "mx.example.org[192.0.2.1]:25")
    tail = f"relay={relay}, delay=1, delays=0/0/0/1, dsn={dsn}, status={status} ({reason})"
    return line(seconds, f"{queue_id}: to=<{recipient}>, {tail}", more.get("tag", "postfix/smtp"))


def removed(seconds: float, queue_id: str) -> str:
    """Return the line that ends a message."""
    return line(seconds, f"{queue_id}: removed", "postfix/qmgr")


def expired(seconds: float, queue_id: str) -> str:
    """Return the line by which Postfix gives up."""
    return line(seconds, f"{queue_id}: from=<news@sender.example>, status=expired, returned to sender", "postfix/qmgr")


class Lab:
    """A database in a folder, and logs to read into it."""

    def __init__(self, folder: Path, **settings: Any) -> None:  # noqa: ANN401 - whatever Settings takes
        self.folder = folder
        self.settings = Settings(database=folder / "lab.duckdb", **{"timezone": "UTC"} | settings)

    def read(self, *logs: list[str] | bytes | Path, name: str = "mail.log") -> int:
        """Read logs as one run of `ingest` each would; return how many attempts were new."""
        return sum(self.run([self._file(log, name)])[0].new for log in logs)

    def run(self, paths: list[Path]) -> list[Any]:
        """Read files in one run."""
        with connect(self.settings.database) as connection:
            pipeline = Pipeline(connection, self.settings, RULES)
            return [pipeline.ingest(path) for path in oldest_first([str(p) for p in paths], self.settings, None)]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with connect(self.settings.database) as connection:
            return connection.execute(sql).fetchall()

    def attempts(self) -> list[tuple[Any, ...]]:
        """Return every attempt, without where it was read."""
        return self.rows("select * exclude (source_name, source_offset) from attempts order by attempt_id")

    def _file(self, log: list[str] | bytes | Path, name: str) -> Path:
        if isinstance(log, list):
            log = "".join(f"{text}\n" for text in log).encode()
        if isinstance(log, bytes):
            (self.folder / name).write_bytes(log)
            return self.folder / name
        return log
