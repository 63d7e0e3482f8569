"""`tail` in this process: small logs in a folder, read step by step, and what the database says afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

from logbounce.ingest import Pace, Tail, session
from logbounce.settings import Settings, Source
from tests.unit.ingest.logs import RULES, arrival, attempt, removed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest
    from duckdb import DuckDBPyConnection

    from tests.unit.ingest.state import Memory

HARD = "host mx[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)"


def message(number: int, status: str = "sent", reason: str = "250 2.0.0 Ok") -> str:
    """Return the lines of one message, of which one is an attempt."""
    queue_id, second = f"4TX{number:04X}", number * 10
    texts = [
        *arrival(second, queue_id),
        attempt(second + 1, queue_id, f"r{number}@example.org", status, reason),
        removed(second + 2, queue_id),
    ]
    return "".join(f"{text}\n" for text in texts)


def messages(*numbers: int) -> str:
    """Return the lines of several messages."""
    return "".join(map(message, numbers))


def kept_open(connection: DuckDBPyConnection, patch: pytest.MonkeyPatch) -> None:
    """Have `tail` find a database that stays open: to open a file takes longer than to store a small log."""

    @contextmanager
    def connected(*_: object, **__: object) -> Iterator[DuckDBPyConnection]:
        yield connection

    patch.setattr(session, "connect", connected)


class Following:
    """A database, a log and a `tail` of it; `more` is what its source says in the settings."""

    def __init__(self, database: Memory, folder: Path, pattern: str = "mail.log", **more: Any) -> None:  # noqa: ANN401
        self.log = folder / pattern
        source = Source(**{"name": "mx1", "format": "postfix", "path": str(self.log)} | more)
        self.rows = database.rows
        self.settings = Settings(database=folder / "unused", timezone="UTC", sources=(source,))
        self.said: list[str] = []
        self.stop = Event()
        self._tail: Tail | None = None

    def once(self, lines: int = 50_000) -> Tail:
        """Run `tail --once`."""
        tail = Tail(self.settings, RULES, self.said.append, Pace(0, lines), once=True, stop=self.stop)
        tail.follow_configured()
        tail.run()
        tail.close()
        return tail

    @property
    def tail(self) -> Tail:
        """Return a `tail` that goes on until it is closed."""
        if self._tail is None:
            self._tail = Tail(self.settings, RULES, self.said.append, stop=self.stop)
            self._tail.follow_configured()
        return self._tail

    def steps(self) -> int:
        """Read all that there is; return how many lines that were."""
        lines = 0
        while read := self.tail.step():
            lines += read
        return lines

    def close(self) -> None:
        """End the `tail`; another one begins when it is asked for."""
        if self._tail:
            self._tail.close()
            self._tail = None

    def append(self, text: str) -> None:
        """Write on at the end of the log."""
        with self.log.open("a") as file:
            file.write(text)

    def recipients(self) -> list[str]:
        """Return the number of each recipient, as often as it was stored."""
        return [row[0] for row in self.rows("select recipient[2:-13] from attempts order by event_time, recipient")]

    def counts(self) -> tuple[int, int]:
        """Return how many lines were read, and how many of them were not understood."""
        (row,) = self.rows("select sum(lines_read)::int, sum(unparsed)::int from sources")
        return row[0], row[1]

    def gaps(self) -> list[tuple[Any, ...]]:
        """Return path, first byte and last time of what was lost."""
        return self.rows("select path, from_position, last_time from source_gaps order by path")
