"""What `tail` stored in one commit, for whoever wants to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.load import Loaded


@dataclass(frozen=True, slots=True)
class StoredLines:
    """What came of one log; `new` attempts were not in the database before."""

    source_name: str
    file: str  # what `sources` calls its path, where it is none
    format: str
    carrier: str
    position: int  # the byte up to which it is stored now
    lines: int
    attempts: int
    new: int
    unparsed: int
    noise: int

    @classmethod
    def of(cls, after: Checkpoint, loaded: Loaded, forgotten: int) -> StoredLines:
        """Return what a block held, which took the place of `forgotten` attempts."""
        place = (after.source_name, after.path, after.format, after.carrier, after.position)
        new = loaded.new - forgotten
        return cls(*place, loaded.lines, loaded.attempts, new, loaded.unparsed, loaded.noise)


@dataclass(frozen=True, slots=True)
class StoredMessages:
    """What came of one mailbox."""

    mailbox: str
    messages: int
    reports: int  # recipients that they name
    unreadable: int
    left_out: int  # recipients of messages that name more than are read


Stored = StoredLines | StoredMessages


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit stored, and how many addresses were suppressed by what was decided after it. The time is UTC."""

    committed_at: datetime
    sources: tuple[StoredLines, ...]
    mailboxes: tuple[StoredMessages, ...]
    suppressed: int
