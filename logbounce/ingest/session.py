"""The database, open for as long as a commit takes: whoever reads it meanwhile waits for us, and we for them."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.clock import utc_now
from logbounce.database import connect, write_ahead_logs
from logbounce.errors import LockedError, LogbounceError, SettingsError
from logbounce.ingest import deciding
from logbounce.ingest.committed import Committed, Stored, StoredLines, StoredMessages
from logbounce.ingest.notify import notify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules
    from logbounce.settings import Settings

_MEMORY, _MORE_MEMORY = "52MB", "200MB"  # 250 MB are for everything, and a commit that needs more shall have it
# A checkpoint writes over pages that are in use (DuckDB's MetadataManager::Flush), and kill -9 in the middle of one can
# leave a file that does not open. So there is none at the end of each session, which is a commit: what is left beside
# the file is read by whoever opens it next, and so much of it takes no longer than a checkpoint.
_LEFT_BESIDE = "1MB"
_TRY_SECONDS = 0.25
_PAUSE_SECONDS = 0.1


class Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The program was told to end while it waited."""


@dataclass(frozen=True)
class Sessions:
    """Opens the database of the settings again and again. `stop` ends the waiting.

    `say` gets warnings, and `tell` what `told` is told.
    """

    settings: Settings
    rules: Rules
    say: Callable[[str], None]
    stop: Event
    patience_seconds: float = float("inf")
    tell: Callable[[Committed], None] | None = None

    def __post_init__(self) -> None:
        """Refuse at the start what would be needed in the middle."""
        warning_seconds()

    @contextmanager
    def open(self, *, roomy: bool = False) -> Iterator[DuckDBPyConnection]:
        """Open the database, ready for `commit` and `decide`; wait while another program holds it.

        A session with little room can end with duckdb.OutOfMemoryException: what it did not commit can be tried again
        in one that is `roomy`.
        """
        with self._connect(_MORE_MEMORY if roomy else _MEMORY) as connection:
            connection.execute("set threads = 1")
            connection.execute("pragma disable_checkpoint_on_shutdown")
            connection.execute("set checkpoint_threshold = $1", [_LEFT_BESIDE])
            deciding.prepare(connection, self.settings, self.rules)
            yield connection

    def bring_in(self) -> None:
        """Have all of the database in its one file, if that can be: else whoever opens it next does so."""
        if write_ahead_logs(self.settings.database):
            with suppress(LogbounceError):
                connect(self.settings.database, memory_limit=_MORE_MEMORY, patience_seconds=0).close()

    def told(self, stored: Sequence[Stored], suppressed: int) -> None:
        """Tell what was committed and decided, if it is anything."""
        if self.tell and (stored or suppressed):
            lines = tuple(each for each in stored if isinstance(each, StoredLines))
            messages = tuple(each for each in stored if isinstance(each, StoredMessages))
            self.tell(Committed(utc_now(), lines, messages, suppressed))

    def _connect(self, memory: str) -> DuckDBPyConnection:
        began, warned = time.monotonic(), False
        while True:
            try:
                return connect(self.settings.database, memory_limit=memory, patience_seconds=_TRY_SECONDS)
            except LockedError as error:
                waited = time.monotonic() - began
                if waited >= self.patience_seconds:
                    raise
                if not warned and waited >= warning_seconds():
                    self.say(f"{error}: waiting since {waited:.0f} seconds; nothing is lost")
                    warned = True
            notify("WATCHDOG=1")  # it works as it should: somebody else does not
            if self.stop.wait(_PAUSE_SECONDS):
                raise Stopped


def warning_seconds() -> float:
    """Return after how long a database that another program holds is worth a word."""
    written = os.environ.get("LOGBOUNCE_LOCK_WARNING_SECONDS", "30")
    try:
        return float(written)
    except ValueError as error:
        said = f"LOGBOUNCE_LOCK_WARNING_SECONDS: expected a number of seconds, not '{written}'"
        raise SettingsError(said) from error
