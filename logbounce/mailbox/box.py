"""What a mailbox of any protocol can do."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.errors import TooLargeError
from logbounce.settings import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logbounce.settings import Mailbox

QUARANTINE = "logbounce-quarantine"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in a mailbox, before its body is fetched.

    `key` stays the same as long as the server keeps its promises: FOLDER/UIDVALIDITY/UID, the UIDL, a Maildir's file
    name without flags, the SHA-256 of a message of an mbox. A known key with another `size` is another message (a UIDL
    that was given again).
    """

    key: str
    size: int  # bytes, as the server says
    place: int = 0  # where this box finds it: UID, message number, byte offset; 0: by its key


class Box(ABC):
    """An open mailbox. Every method raises MailboxError, and none does its work after one: close the mailbox then.

    Only TooLargeError and GoneError are about one message, and leave the mailbox as it was.
    """

    wakes = False  # whether `idle` returns as soon as something comes, so that it pays to keep the mailbox open

    def __init__(self, account: Mailbox, manner: str) -> None:
        self.account = account
        self.manner = manner  # how it is reached: `TLSv1.3, AUTH PLAIN`

    @abstractmethod
    def entries(self, after: str | None = None) -> Iterator[Entry]:
        """Yield the messages, the oldest first; where UIDs grow (IMAP), only those after the one with the key `after`.

        Any other method may be called meanwhile.
        """

    @abstractmethod
    def fetch(self, entry: Entry) -> bytes:
        """Return the raw message, and change nothing.

        Raises TooLargeError if it has more than `max_bytes` (nothing is fetched then, unless the server lied about its
        size), GoneError if it is not there any more.
        """

    def count(self) -> int:
        """Return how many messages there are."""
        return sum(1 for _ in self.entries())

    def settle(self, processed: Sequence[Entry], set_aside: Sequence[Entry] = ()) -> None:
        """Do what the account says with messages whose rows are committed.

        `set_aside` are those that tell of no bounce: they are moved to the folder `aside`, or stay. To settle a message
        again does no harm.
        """
        action = self.account.after.action
        if processed and action is Action.MARK:
            self._mark(processed)
        elif processed and action is Action.MOVE:
            self._move(processed, self.account.after.folder)
        elif processed and action is Action.DELETE:
            self._delete(processed)
        if set_aside and self.account.aside:
            self._move(set_aside, self.account.aside)

    def quarantine(self, entry: Entry) -> str | None:
        """Put a message that cannot be read out of the way; return the folder, or None where it stays."""
        del entry
        return None

    def idle(self, seconds: float) -> bool:
        """Wait, and tell whether something came: a hint to look again, never a list of what there is."""
        time.sleep(seconds)
        return False

    def close(self) -> None:  # noqa: B027 - a file needs none
        """Leave the mailbox; a second time does no harm."""

    def _check_size(self, size: int) -> None:
        if size > self.account.max_bytes:
            raise TooLargeError(
                f"{self.account}: a message of {size} bytes is not fetched: max_bytes is {self.account.max_bytes}"
            )

    def _mark(self, entries: Sequence[Entry]) -> None:
        raise NotImplementedError  # the settings refuse it for this protocol

    def _move(self, entries: Sequence[Entry], folder: str) -> None:
        raise NotImplementedError  # likewise

    def _delete(self, entries: Sequence[Entry]) -> None:
        raise NotImplementedError  # likewise
