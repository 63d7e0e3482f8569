"""What a file is known by, whatever it is called: its first bytes, and the last ones that were read of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from logbounce.follow.files import attach, explained

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logbounce.follow.files import LogFile


class Mark(Protocol):
    """How far a file was read. `finished`: to an end after which it was not written any more."""

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the first `fingerprint_length` bytes, uncompressed."""

    @property
    def fingerprint_length(self) -> int:
        """Return how many bytes these are: fewer than FINGERPRINT_BYTES if the file had no more."""

    @property
    def tail_fingerprint(self) -> str:
        """Return the SHA-256 of the `tail_length` bytes before `position`."""

    @property
    def tail_length(self) -> int:
        """Return how many bytes these are."""

    @property
    def position(self) -> int:
        """Return how many bytes, uncompressed, were read and committed."""

    @property
    def device(self) -> int | None:
        """Return the device on which the file was when it was last read."""

    @property
    def inode(self) -> int | None:
        """Return its inode there."""

    @property
    def finished(self) -> bool:
        """Tell whether all of it was read, and another file is written instead."""


def digest(data: bytes) -> str:
    """Return the SHA-256 by which bytes are known again."""
    return hashlib.sha256(data).hexdigest()


def resume(path: str, marks: Iterable[Mark]) -> tuple[LogFile, Mark | None]:
    """Open `path` where it was left, and return by which of `marks` it is known; the caller closes `raw`.

    Several files can begin alike (a header), and an inode is used again: only a file that also has the same bytes
    before the position goes on there. InputError says why it cannot be read.
    """
    log = attach(path)
    try:
        for mark in _candidates(log, marks):
            if _read_to_its_end(log, mark):
                return replace(log, stream=BytesIO()), mark
            if _continues(log, mark):
                return log, mark
            log.raw.close()
            log = attach(path)
    except BaseException:
        log.raw.close()
        raise
    return log, None


def holds(path: str, mark: Mark) -> bool:
    """Tell whether the file at `path` has what was read under `mark`, and so what comes after it."""
    log, found = resume(path, [mark])
    log.raw.close()
    return found is not None


def _candidates(log: LogFile, marks: Iterable[Mark]) -> list[Mark]:
    """Return the marks with the file's first bytes, the furthest first."""
    alike = [
        mark
        for mark in marks
        if 0 < mark.fingerprint_length <= len(log.head) and log.fingerprint(mark.fingerprint_length) == mark.fingerprint
    ]
    return sorted(alike, key=lambda mark: mark.position, reverse=True)


def _continues(log: LogFile, mark: Mark) -> bool:
    with explained(log.path):
        return digest(log.skip(mark.position, mark.tail_length)) == mark.tail_fingerprint


def _read_to_its_end(log: LogFile, mark: Mark) -> bool:
    """Tell whether this is a compressed file that has been read: nobody writes in one of these."""
    return mark.finished and not log.growing and (log.device, log.inode) == (mark.device, mark.inode)
