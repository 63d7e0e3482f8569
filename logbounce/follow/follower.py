"""Follows one log through its rotations: every file that it is spread over, the oldest first, each read to its end.

A file is opened once and then known by its descriptor and its bytes, never by its name: names move on while they are
looked at. The descriptor of a file that was rotated away is kept until nobody writes through theirs any more.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.errors import DamagedLogError, InputError, MissingLogError
from logbounce.follow import chain
from logbounce.follow.blocks import BlockReader
from logbounce.follow.files import explained
from logbounce.follow.mark import Mark, digest, holds, resume

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from logbounce.follow.blocks import Block
    from logbounce.follow.files import LogFile

GRACE_SECONDS = 10.0  # a syslog daemon is told of the rotation, and closes its file, within a second or two
BLOCK_BYTES = 1024 * 1024
_LISTINGS = 10  # of a folder in which files are renamed all the time
Identity = tuple[int, int]  # device, inode
Written = tuple[int, int]  # size, time of the last write in nanoseconds


@dataclass(eq=False)
class Followed:
    """A file that is open. `mark` says what of it was committed: whoever reads it keeps it up to date."""

    log: LogFile
    mark: Mark | None
    reader: BlockReader
    live: bool = True
    broken: InputError | None = None  # why nothing more can be read of it, as it is now
    written: Written = (0, 0)
    grown_at: float = field(default_factory=time.monotonic)

    @property
    def path(self) -> str:
        """Return the name under which it was opened."""
        return self.log.path

    @property
    def identity(self) -> Identity:
        """Return device and inode."""
        return self.log.device or 0, self.log.inode or 0

    @property
    def behind(self) -> bool:
        """Tell whether a block or more waits to be read, or a file after it: one that was rotated away is history."""
        size = os.fstat(self.log.raw.fileno()).st_size
        return not self.live or size - self.reader.position >= BLOCK_BYTES

    @property
    def abandoned(self) -> bool:
        """Tell whether nothing was written for so long that nothing more is expected, not even a last line's end.

        By our own clock, and by the file's: a `tail` that does not live for long has to find it out, too.
        """
        return (
            not self.log.growing
            or time.monotonic() - self.grown_at >= GRACE_SECONDS
            or time.time_ns() - self.written[1] >= GRACE_SECONDS * 1e9
        )

    def cut_off(self) -> bool:
        """Tell whether the file no longer has the bytes that were read of it."""
        log, fileno = self.log, self.log.raw.fileno()
        if not log.growing:
            return False
        if os.fstat(fileno).st_size < self.reader.position:
            return True
        if self.mark is None:
            first = log.head[: log.fingerprint_length]
            return os.pread(fileno, len(first), 0) != first or log.turned_out_compressed()
        head = os.pread(fileno, self.mark.fingerprint_length, 0)
        tail = os.pread(fileno, self.mark.tail_length, self.mark.position - self.mark.tail_length)
        return digest(head) != self.mark.fingerprint or digest(tail) != self.mark.tail_fingerprint

    def renew(self) -> None:
        """Look at the file again: a new one has few first bytes to be known by."""
        self.log = self.log.renewed()

    def whole(self) -> Block | None:
        """Return the next whole lines; None when there is, at the moment, none."""
        try:
            with explained(self.path):
                return None if self.broken else self.reader.whole()
        except InputError as error:
            self.broken = error
            return None

    def rest(self) -> Block | None:
        """Return the last line, which the file has not ended; it may be read on later."""
        return None if self.broken else self.reader.rest()


class Follower:
    """What is open of one log."""

    def __init__(self, pattern: str, *, kept: str | None = None) -> None:
        """Follow the log at `pattern`; `kept` is a pattern of rotated files elsewhere (`olddir`)."""
        self.pattern = pattern
        self.refusals: dict[str, InputError] = {}  # by path: why a file cannot be opened now
        self._kept = kept
        self._open: dict[Identity, Followed] = {}
        self._closed: dict[Identity, Written] = {}  # after their end: opened again if they are written after all

    def poll(self, marks: Sequence[Mark]) -> list[Followed]:
        """Return the files that may have something to read, the oldest first; a new one goes on where `marks` says."""
        self._drop_cut_off()
        found = chain.listing(self.pattern, self._kept)
        for _ in range(_LISTINGS):
            self._attach(found, marks)
            before, found = found, chain.listing(self.pattern, self._kept)
            if found == before:
                break
        living = self._living(found)
        for identity, file in self._open.items():
            file.live = identity in living
        return sorted(self._open.values(), key=lambda file: (file.live, file.written[1], file.path))

    def close(self, file: Followed) -> None:
        """Let go of a file that was read to its end; it is opened again if it grows after all."""
        self._closed[file.identity] = file.written
        del self._open[file.identity]
        file.log.raw.close()

    def close_all(self) -> None:
        """Close every file."""
        for file in self._open.values():
            file.log.raw.close()
        self._open.clear()

    def orphans(self, marks: Iterable[Mark]) -> Iterator[tuple[Mark, bool]]:
        """Yield which of `marks` are not finished and belong to no open file, and whether another file has their bytes.

        To be asked when every file that was rotated away has been read to its end: what another file has, such as the
        copy that `copytruncate` made, has then been read there. None comes while a file cannot be looked into.
        """
        held = {id(file.mark) for file in self._open.values()}
        if all(isinstance(error, MissingLogError) for error in self.refusals.values()):
            for mark in marks:
                if not mark.finished and id(mark) not in held:
                    yield mark, self._held_somewhere(mark)

    def _held_somewhere(self, mark: Mark) -> bool:
        for path in chain.listing(self.pattern, self._kept):
            try:
                if holds(path, mark):
                    return True
            except InputError:
                return True  # who knows: it is looked at again
        return False

    def _living(self, found: dict[str, Identity]) -> set[Identity]:
        """Return the files that are written: what the path names, and of several that a pattern names the newest."""
        named = {found[path] for path in chain.live(self.pattern) if path in found}
        if len(named) > 1:
            newest = max(named & self._open.keys(), key=lambda identity: self._open[identity].written[1], default=None)
            return {newest} if newest else set()
        return named

    def _drop_cut_off(self) -> None:
        """Close what was emptied or written anew in place (logrotate's `copytruncate`): another file by now."""
        for identity, file in list(self._open.items()):
            written = _written(file.log)
            if written != file.written:
                file.grown_at = time.monotonic()
            if file.cut_off() or (file.broken and written != file.written):
                file.log.raw.close()
                del self._open[identity]
                self._closed.clear()  # the copy that was made may be among them
            file.written = written

    def _attach(self, found: dict[str, Identity], marks: Sequence[Mark]) -> None:
        self.refusals = {}
        for path in chain.live(self.pattern) or [self.pattern]:
            if path not in found and (refusal := chain.absence(path)):
                self.refusals[path] = refusal
        for path, identity in found.items():
            if identity not in self._open and not self._as_it_was(path, identity):
                self._open_path(path, marks)

    def _as_it_was(self, path: str, identity: Identity) -> bool:
        """Tell whether this file has been read to its end and not been written since."""
        try:
            return identity in self._closed and _stamp(Path(path).stat()) == self._closed[identity]
        except OSError:
            return True

    def _open_path(self, path: str, marks: Sequence[Mark]) -> None:
        try:
            log, mark = resume(path, marks)
        except MissingLogError:
            return  # renamed since it was listed: it is listed again
        except InputError as error:
            if not (isinstance(error, DamagedLogError) and chain.has_twin(path)):
                self.refusals[path] = error
            return
        file = Followed(log, mark, BlockReader(log.stream, mark.position if mark else 0, BLOCK_BYTES))
        file.written = _written(log)
        if file.identity in self._open:  # another name of the same file, by now
            log.raw.close()
        else:
            self._open[file.identity] = file


def _written(log: LogFile) -> Written:
    return _stamp(os.fstat(log.raw.fileno()))


def _stamp(found: os.stat_result) -> Written:
    return found.st_size, found.st_mtime_ns
