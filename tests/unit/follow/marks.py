"""How far files were read, as the room `follow` sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.follow import digest
from logbounce.follow.blocks import TAIL_BYTES
from logbounce.follow.files import FINGERPRINT_BYTES

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Read:
    """A mark of its own: what the first `position` bytes of a file leave behind."""

    fingerprint: str
    fingerprint_length: int
    tail_fingerprint: str
    tail_length: int
    position: int
    device: int | None = None
    inode: int | None = None
    finished: bool = False


def read(data: bytes, position: int | None = None, *, at: Path | None = None, finished: bool = False) -> Read:
    """Return the mark of `data`, read up to `position`; `at` is the file that holds it."""
    position = len(data) if position is None else position
    head, tail = data[:FINGERPRINT_BYTES], data[:position][-TAIL_BYTES:]
    found = at.stat() if at else None
    return Read(
        digest(head),
        len(head),
        digest(tail),
        len(tail),
        position,
        found.st_dev if found else None,
        found.st_ino if found else None,
        finished,
    )
