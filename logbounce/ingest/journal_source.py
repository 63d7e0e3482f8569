"""The systemd journal as a source of `tail`: where it was left is a cursor, stored with the rows."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from logbounce.clock import utc_now
from logbounce.database import statement, transaction
from logbounce.follow import journal, journal_files
from logbounce.follow.journal_place import Place
from logbounce.follow.pipe import Pipe
from logbounce.ingest.complaints import Complaints
from logbounce.ingest.pipe_source import PipeSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from logbounce.follow import Block
    from logbounce.follow.journal_files import JournalFile, Removed
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.ingest.session import Sessions
    from logbounce.ingest.source import Piece
    from logbounce.parse import Reading
    from logbounce.settings import Settings
    from logbounce.settings import Source as Configured

_LOOK_SECONDS = 60.0  # to see how far the journal goes
_NOTE_SECONDS = 600.0  # to store that, when nothing of ours has come
_STALL_SECONDS = 60.0  # journalctl that cannot write for so long may miss files that come and go
_RESTART_SECONDS = 10.0  # from one start of journalctl to the next: one that cannot read the journal ends at once
_LOST = "was vacuumed or deleted before it was read to its end"


class JournalSource(PipeSource):
    """Follows one `journal:` of the settings through journalctl, which is started again when it ends."""

    def __init__(  # noqa: PLR0913 - what it is, where it was left, and whom to tell
        self,
        configured: Configured,
        settings: Settings,
        stored: Checkpoint | None,
        say: Callable[[str], None],
        came: Callable[[], None],
        *,
        once: bool,
    ) -> None:
        """Start journalctl where `stored` was left; `came` is called when there is something to read."""
        self.configured = configured
        self._say, self._came, self._once = say, came, once
        self._complaints = Complaints(say)
        self._noted_at = self._read_at = time.monotonic()
        pipe = self._start(stored)
        super().__init__(name_of(configured), pipe, settings, configured.format, stored, _quiet)

    @property
    def ended(self) -> bool:
        """Tell whether the journal was read to its end, and nobody waits for more."""
        return self._once and super().ended

    def read(self, most: int) -> Piece | None:
        """Return what has come; nothing before it is stored what can never come."""
        began, self._read_at = self._read_at, time.monotonic()
        if self._read_at - began >= _STALL_SECONDS and self.pipe.full:
            self._start_again()
        return None if self._removed else super().read(most)

    def settle(self, sessions: Sessions) -> bool:
        """Store what cannot be had, and how far the journal was read; if journalctl has ended, start it again."""
        if self._removed:
            self._give_up(sessions)
            return True
        if super().ended:
            self._see_why()
        if self._due():
            self._note(sessions)
        return False

    def close(self) -> None:
        """End journalctl."""
        self._process.terminate()
        self._process.wait()
        self.pipe.close()
        self._process.stdout.close()  # type: ignore[union-attr]

    def _start(self, stored: Checkpoint | None) -> Pipe:
        """Start journalctl, having seen whether what comes after the last entry read is still there."""
        self._place = Place.read(stored.cursor if stored else None)
        self._left_at = self._place.cursor  # that entry comes once more
        self._journal = journal.Journal.named(self.configured.journal or "", self.configured.journal_directory)
        files = self._journal.files()
        self._removed = self._missing(files)
        self._place = self._place.behind(self._removed)
        self._look(files)
        self._process = self._journal.follow(self._place.cursor, once=self._once)
        self._started_at = time.monotonic()
        if self._process.stdout is None:
            raise AssertionError("its output is a pipe")
        return Pipe(self._process.stdout.fileno(), self._came)

    def _start_again(self) -> None:
        self.close()
        self.pipe = self._start(self.stored)
        self.__post_init__()

    def _see_why(self) -> None:
        if code := self._process.wait():
            self.unreadable = True
            self._complaints.hear(f"{self.name}: journalctl ended with exit code {code}: see what it said above")
        if not self._once and time.monotonic() - self._started_at >= _RESTART_SECONDS:
            self._start_again()

    def _missing(self, files: list[JournalFile]) -> dict[str, Removed]:
        """Return what was removed and never read; a file that was renamed between two looks is no loss."""
        found = journal_files.removed(self._place.reach, files)
        found = found and journal_files.removed(self._place.reach, self._journal.files())
        return {name: removed for name, removed in found.items() if removed.first or not self._moved(name)}

    def _moved(self, sequence: str) -> bool:
        """Tell whether it goes on as another sequence: so does what was logged before there was /var/log/journal."""
        cursor = self._place.cursor
        return cursor is not None and f"s={sequence};" in cursor and self._journal.has(cursor)

    def _look(self, files: list[JournalFile]) -> None:
        """See how far the journal goes: so far it is read as soon as the last entry of ours that it has now is read."""
        self._looked_at = time.monotonic()
        self._goal = None
        last = self._journal.last()
        if self._once and (not files or last is None):
            self._looked_at = float("-inf")  # it ends soon: look again when it has read what there is
        if files and last is not None:
            self._goal = Place(last, journal_files.reach(files))
            if last in ("", self._place.cursor):
                self._arrive()

    def _arrive(self) -> None:
        if self._goal:
            self._place = replace(self._place, reach=self._goal.reach)
            self._goal = None

    def _give_up(self, sessions: Sessions) -> None:
        """Store that entries are lost, and go on with those that are left."""
        stored = self.stored
        if stored is None:
            raise AssertionError("where it was left is stored")
        lost = {"source_name": stored.source_name, "path": stored.path, "last_time": stored.last_time}
        lost |= {"reason": _LOST, "found_at": utc_now()}
        with sessions.open() as connection, transaction(connection):
            self._save(connection, stored)
            for removed in self._removed.values():
                connection.execute(statement("ingest_gap"), lost | {"position": removed.after})
        for removed in self._removed.values():
            self._say(
                f"{self.name}: {_LOST}: what came after entry {removed.after} cannot be had (see `logbounce status`)"
            )
        self._removed = {}

    def _due(self) -> bool:
        """Tell whether to store how far the journal was read, though nothing of ours has come since.

        Now and then; at once if by what is stored something would seem to be lost.
        """
        lost = time.monotonic() - self._looked_at >= _LOOK_SECONDS and self._look_again()
        return lost or self._once or time.monotonic() - self._noted_at >= _NOTE_SECONDS

    def _look_again(self) -> bool:
        files = self._journal.files()
        self._look(files)
        return self.stored is not None and bool(journal_files.removed(Place.read(self.stored.cursor).reach, files))

    def _note(self, sessions: Sessions) -> None:
        self._noted_at = time.monotonic()
        if self.stored and self.stored.cursor != self._place.text:
            with sessions.open() as connection, transaction(connection):
                self._save(connection, self.stored)

    def _save(self, connection: DuckDBPyConnection, stored: Checkpoint) -> None:
        self.stored = self._at(stored)
        self.stored.save(connection, stored)

    def _next(self) -> Block | None:
        while (block := self._reader.whole()) is not None:
            if lines := self._taken(block):
                return replace(block, data=lines)
        self._read_to_its_end = self.pipe.ended  # a part of an entry is none: journalctl was ended, and is asked again
        return None

    def _taken(self, block: Block) -> bytes:
        """Return those of the lines that are ours and were not read before, having noted where they are."""
        lines, self._left_at = journal.without(self._left_at, block.data), None
        if self._goal and self._goal.cursor and self._goal.cursor.encode() in lines:
            self._arrive()
        if cursor := journal.last_cursor(block.data):
            self._place = self._place.at(cursor)
        return lines if block.overlong else self._journal.ours(lines)

    def _reading(self, head: bytes) -> Reading:
        return replace(super()._reading(head), source_name=self.configured.name, host=self.configured.host)

    def _at(self, stored: Checkpoint) -> Checkpoint:
        return replace(stored, source_name=self.configured.name, cursor=self._place.text)


def name_of(configured: Configured) -> str:
    """Return what a journal is called in `sources`."""
    folder = configured.journal_directory  # several machines' journals may be collected here
    return f"journal:{configured.journal}" + (f" in {folder}" if folder else "")


def _quiet(_: int) -> None:
    """Confirm to nobody: the cursor is stored."""
