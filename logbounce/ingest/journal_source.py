"""The systemd journal as a source of `tail`: where it was left is a cursor, stored with the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from logbounce.follow import journal
from logbounce.follow.pipe import Pipe
from logbounce.ingest.pipe_source import PipeSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from logbounce.follow import Block
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.ingest.session import Sessions
    from logbounce.parse import Reading
    from logbounce.settings import Settings
    from logbounce.settings import Source as Configured


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
        self._cursor = stored.cursor if stored else None
        super().__init__(name_of(configured), self._start(self._cursor), settings, configured.format, stored, _quiet)

    @property
    def ended(self) -> bool:
        """Tell whether the journal was read to its end, and nobody waits for more."""
        return self._once and super().ended

    def settle(self, sessions: Sessions) -> bool:
        """See why journalctl has ended, and start it again."""
        del sessions
        if not super().ended:
            return False
        if code := self._process.wait():
            self.unreadable = True
            self._say(f"{self.name}: journalctl ended with exit code {code}: see what it said above")
        if not self._once:
            self._process.stdout.close()  # type: ignore[union-attr]
            self.pipe = self._start(self.stored.cursor if self.stored else None)
            self.__post_init__()
        return False

    def close(self) -> None:
        """End journalctl."""
        self._process.terminate()
        self._process.wait()
        self.pipe.close()
        self._process.stdout.close()  # type: ignore[union-attr]

    def _start(self, cursor: str | None) -> Pipe:
        chosen, folder = self.configured.journal or "", self.configured.journal_directory
        self._process = journal.follow(chosen, directory=folder, cursor=cursor, once=self._once)
        if self._process.stdout is None:
            raise AssertionError("its output is a pipe")
        return Pipe(self._process.stdout.fileno(), self._came)

    def _next(self) -> Block | None:
        block = super()._next()
        if block is not None:
            self._cursor = journal.last_cursor(block.data) or self._cursor
        return block

    def _reading(self, head: bytes) -> Reading:
        return replace(super()._reading(head), source_name=self.configured.name, host=self.configured.host)

    def _at(self, stored: Checkpoint) -> Checkpoint:
        return replace(stored, source_name=self.configured.name, cursor=self._cursor)


def name_of(configured: Configured) -> str:
    """Return what a journal is called in `sources`."""
    folder = configured.journal_directory  # several machines' journals may be collected here
    return f"journal:{configured.journal}" + (f" in {folder}" if folder else "")


def _quiet(_: int) -> None:
    """Confirm to nobody: the cursor is stored."""
