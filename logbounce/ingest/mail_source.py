"""A mailbox as a source of `tail`: a thread of its own talks to the server, so that no log waits for it."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceError
from logbounce.ingest import mail, reports
from logbounce.ingest.committed import StoredMessages
from logbounce.ingest.complaints import Complaints
from logbounce.ingest.fetched import storable
from logbounce.mailbox import open_mailbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from logbounce.ingest.reports import Known
    from logbounce.ingest.session import Sessions
    from logbounce.mailbox import Box
    from logbounce.settings import Mailbox, Settings

_IDLE_SECONDS = 30.0  # of one wait, after which it is seen whether to end


@dataclass
class MailPiece:
    """Messages that were fetched, and are not stored yet."""

    batch: mail.Batch
    account: Mailbox
    settled: list[str]  # of the batch before
    stored: threading.Event = field(default_factory=threading.Event)
    given_up: set[str] = field(default_factory=set)
    tried: bool = False

    @property
    def lines(self) -> int:
        """Return how many messages these are."""
        return len(self.batch.fetched)

    def commit(self, connection: DuckDBPyConnection) -> StoredMessages:
        """Store what they say; then the thread marks, moves or deletes them."""
        again, self.tried = self.tried, True  # with more memory: `Tail` does so once
        reports.settled(connection, self.account.name, self.settled)
        self.given_up = self.batch.commit(connection, self.account, last=again)
        messages = [message for _, message in self.batch.fetched]
        reports_named, left_out = sum(len(one.rows) for one in messages), sum(one.left_out for one in messages)
        unreadable = sum(one.error is not None for one in messages)
        stored = StoredMessages(self.account.name, len(messages), reports_named, unreadable, left_out)
        self.stored.set()
        return stored


class MailSource:
    """Reads one of the `mailboxes:` of the settings every `interval` seconds, and when its server tells."""

    def __init__(  # noqa: PLR0913 - what it is, what is known of it, and whom to tell
        self, account: Mailbox, settings: Settings, known: dict[tuple[str, int], Known], say: Callable[[str], None],
        came: Callable[[], None], *, once: bool,
    ) -> None:  # fmt: skip
        """Begin to read; `came` is called when there is something to store."""
        self.unreadable = False
        self._account = account
        self._reader = mail.reader_of(account, settings)
        self._known = known
        self._came, self._once = came, once
        self._complaints = Complaints(say)
        self._pieces: queue.Queue[MailPiece] = queue.Queue(1)
        self._settled: list[str] = []
        self._stop = threading.Event()
        self._over = threading.Event()
        threading.Thread(target=self._run, name=f"mailbox {account.name}", daemon=True).start()

    @property
    def pressing(self) -> bool:
        """Tell whether more was fetched already."""
        return not self._pieces.empty()

    @property
    def ended(self) -> bool:
        """Tell whether nothing more is waited for: with `once`, after one round."""
        return self._over.is_set() and self._pieces.empty()

    def read(self, most: int) -> MailPiece | None:
        """Return what was fetched."""
        del most
        try:
            return self._pieces.get_nowait()
        except queue.Empty:
            return None

    def settle(self, sessions: Sessions) -> bool:
        """Note what was marked, moved or deleted last."""
        settled, self._settled = self._settled, []
        if settled:
            with sessions.open() as connection:
                reports.settled(connection, self._account.name, settled)
        return False

    def close(self) -> None:
        """Have the thread end when it can."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with open_mailbox(self._account) as box:
                    self._round(box)
                    self.unreadable = False
                    while not (self._once or self._stop.is_set()) and box.wakes:
                        if self._wait(box):
                            self._round(box)
            except LogbounceError as error:
                self._complain(str(error))
            except Exception as error:  # noqa: BLE001 - it is tried again; a thread that ends would be waited for
                self._complain(f"{self._account}: {type(error).__name__}: {storable(str(error))}")
            if self._once:
                break
            self._stop.wait(self._account.interval)
        self._over.set()
        self._came()

    def _wait(self, box: Box) -> bool:
        """Wait until something came, or for the interval; tell whether to look."""
        waited = 0.0
        while waited < self._account.interval and not self._stop.is_set():
            if box.idle(min(_IDLE_SECONDS, self._account.interval - waited)):
                return True
            waited += _IDLE_SECONDS
        return not self._stop.is_set()

    def _round(self, box: Box) -> None:
        for batch in mail.batches(box, self._known, self._reader):
            piece = MailPiece(batch, self._account, self._settled)
            self._settled = []
            self._pieces.put(piece)
            self._came()
            while not piece.stored.wait(1.0):
                if self._stop.is_set():
                    return
            self._settled = batch.settle(box, piece.given_up)
            self._known |= batch.known(piece.given_up)
            if self._stop.is_set():
                return

    def _complain(self, words: str) -> None:
        self.unreadable = True
        self._complaints.hear(words)
