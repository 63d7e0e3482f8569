"""Follows everything that the settings name: reads, commits, decides, waits, for ever."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import duckdb

from logbounce.allocator import few_pools
from logbounce.follow import digest
from logbounce.follow.files import standard_input
from logbounce.follow.pipe import Pipe
from logbounce.follow.wake import Wake
from logbounce.ingest import checkpoint, deciding, reports
from logbounce.ingest.file_source import FileSource
from logbounce.ingest.journal_source import JournalSource, name_of
from logbounce.ingest.mail_source import MailSource
from logbounce.ingest.notify import notify
from logbounce.ingest.pipe_source import PipeSource
from logbounce.ingest.session import Sessions, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from duckdb import DuckDBPyConnection

    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.ingest.committed import Committed, Stored
    from logbounce.ingest.source import Source, Storable
    from logbounce.rules import Rules
    from logbounce.settings import Mailbox, Settings
    from logbounce.settings import Source as Configured

_MAPPED_BYTES = 64 * 1024  # who runs for ever is to be small
_STDIN_NAME = "standard input"
_SETTLE_SECONDS = 10.0  # on a server that never pauses
_ONCE_PATIENCE_SECONDS = 900.0  # cron starts another soon


@dataclass(frozen=True)
class Pace:
    """How often to commit: so that a line is stored so many seconds after it came, and after so many lines."""

    seconds: float = 2.0
    lines: int = 50_000

    def pause(self, took: float) -> float:
        """Return for how long to wait after a commit that took so many seconds from reading to deciding.

        What comes from its beginning on is stored by the next one, which will take as long. Where that leaves little
        time, others still get the database for half as long as we had it, if the seconds allow.
        """
        return max(self.seconds - 2 * took, min(took / 2, self.seconds - took), 0.0)


@dataclass
class Tail:
    """What is followed, under one set of settings and rules. `tell` gets what each commit stored."""

    settings: Settings
    rules: Rules
    say: Callable[[str], None]
    pace: Pace = field(default_factory=Pace)
    once: bool = False
    stop: Event = field(default_factory=Event)
    reload: Event = field(default_factory=Event)
    wake: Wake = field(default_factory=Wake)
    tell: Callable[[Committed], None] | None = None
    lost: bool = False  # something cannot be had any more, as was found in this run

    def __post_init__(self) -> None:
        """Open the database, decide what an earlier run had no time for, and learn what has been read."""
        few_pools(_MAPPED_BYTES)
        patience = _ONCE_PATIENCE_SECONDS if self.once else float("inf")
        self._sessions = Sessions(self.settings, self.rules, self.say, self.stop, patience, self.tell)
        self._sources: list[Source] = []
        self._settled_at = float("-inf")
        with self._sessions.open(roomy=True) as connection:
            suppressed = deciding.decide(connection, self.rules)
            self._known = checkpoint.known(connection)
            names = [account.name for account in self.settings.mailboxes]
            self._fetched = {name: reports.known_entries(connection, name) for name in names}
        self._sessions.told([], suppressed)

    def follow_configured(self) -> None:
        """Add every source and mailbox of the settings."""
        for source in self.settings.sources:
            self._sources.append(self._configured(source))
        for account in self.settings.mailboxes:
            self._sources.append(self._mailbox(account))
        self.wake.watch(source.path for source in self.settings.sources if source.path)

    def follow_standard_input(self, wanted: str | None, confirm: Callable[[int], None]) -> None:
        """Add standard input; `confirm` gets the number of its bytes that are stored, after each commit."""
        pipe = Pipe(standard_input(), self.wake.up)
        self._sources.append(PipeSource(_STDIN_NAME, pipe, self.settings, wanted, self._row(_STDIN_NAME), confirm))

    def run(self) -> bool:
        """Read until told to stop, until every source has ended, or once; tell whether it ended to read settings."""
        try:
            while not self.stop.is_set():
                if self.reload.is_set() and not self.once:
                    return True  # what was read is stored: a tail that stays as it was has lost nothing
                began = time.monotonic()
                lines = self.step()
                notify("WATCHDOG=1")
                if lines and any(source.pressing for source in self._sources):
                    continue
                if not lines and all(source.ended for source in self._sources):
                    return False
                if not lines:
                    self.wake.wait(self.pace.seconds)
                elif not self.once:
                    self.stop.wait(self.pace.pause(time.monotonic() - began))
            self.step()  # what has come in a pipe can be had once
        except Stopped:
            pass
        return False

    def step(self) -> int:
        """Store what has come since the last time; return how many lines that were."""
        pieces = [piece for source in self._sources if (piece := source.read(self.pace.lines)) is not None]
        if pieces:
            self._commit(pieces)
        if not pieces or time.monotonic() - self._settled_at >= _SETTLE_SECONDS:
            self._settle()
        return sum(piece.lines for piece in pieces)

    def close(self) -> None:
        """Let go of every source, and leave nothing beside the database."""
        self.wake.close()
        for source in self._sources:
            source.close()
        self._sessions.bring_in()

    @property
    def unreadable(self) -> bool:
        """Tell whether a source that is there cannot be read."""
        return any(source.unreadable for source in self._sources)

    def _settle(self) -> None:
        self._settled_at = time.monotonic()
        for source in self._sources:
            self.lost = source.settle(self._sessions) or self.lost

    def _commit(self, pieces: list[Storable]) -> None:
        left = list(pieces)
        stored: list[Stored] = []
        try:
            suppressed = self._commit_in(self._sessions.open(), left, stored)
        except duckdb.OutOfMemoryException:
            suppressed = self._commit_in(self._sessions.open(roomy=True), left, stored)
        self._sessions.told(stored, suppressed)

    def _commit_in(
        self,
        session: AbstractContextManager[DuckDBPyConnection],
        left: list[Storable],
        stored: list[Stored],
    ) -> int:
        """Store what is `left`, which is less after each commit, and decide; return how many were suppressed."""
        with session as connection:
            while left:
                stored.append(left[0].commit(connection))
                del left[0]
            return deciding.decide(connection, self.rules)

    def _configured(self, source: Configured) -> Source:
        if source.journal is None:
            known = [row for row in self._known if row.format == source.format]
            return FileSource(source, self.settings, known, self.say, once=self.once)
        row = self._row(name_of(source))
        return JournalSource(source, self.settings, row, self.say, self.wake.up, once=self.once)

    def _mailbox(self, account: Mailbox) -> Source:
        known = self._fetched[account.name]
        return MailSource(account, self.settings, known, self.say, self.wake.up, once=self.once)

    def _row(self, name: str) -> Checkpoint | None:
        """Return where a source that is no file was left."""
        return next((row for row in self._known if row.fingerprint == digest(name.encode())), None)
