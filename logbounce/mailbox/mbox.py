"""An mbox file (RFC 4155), read only: deliveries append to it, and whoever wants it shorter rotates it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from logbounce.errors import GoneError, MailboxError
from logbounce.mailbox.box import Box, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.settings import Mailbox

_PATIENCE = 10.0  # seconds that a delivery may hold the file
_LINE = 65_536  # bytes of a line that are looked at in one piece
_FROM = b"From "
# `From SENDER Fri Nov 20 10:00:00 2026`: a body's own line that begins with From and is not quoted has no date.
_SEPARATOR = re.compile(rb"From .*[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3]?\d \d\d:\d\d")
_BLANK = (b"\n", b"\r\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)  # as mboxrd and mboxo do


class MboxBox(Box):
    """What the file held when it was listed. Messages are known by the SHA-256 of their bytes."""

    def __init__(self, account: Mailbox) -> None:
        super().__init__(account, "file")
        self._path = Path(account.path)
        with self._open():
            pass

    def entries(self, after: str | None = None) -> Iterator[Entry]:
        """Yield the messages by their place in the file."""
        del after  # the file may have begun anew
        with self._open() as file:
            end = self._whole(file)
            head = file.readline(_LINE)
            _past_line(file, 0, head)
            if end and not head.startswith(_FROM):
                raise MailboxError(f"{self.account}: is no mbox: it does not begin with a line `From `")
            yield from _messages(file, end)
            if os.fstat(file.fileno()).st_size < end:
                raise MailboxError(f"{self.account}: was cut while it was read: try again")

    def fetch(self, entry: Entry) -> bytes:
        """Return the message, with `>From ` as it was written before the delivery."""
        self._check_size(entry.size)
        with self._open() as file:
            file.seek(entry.place)
            raw = file.read(entry.size)
        if hashlib.sha256(raw).hexdigest() != entry.key:
            raise GoneError(f"{self.account}: the message at byte {entry.place} is gone: the file was written anew")
        return _QUOTED.sub(rb"\1", raw)

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for ever
        except OSError as error:
            raise MailboxError(f"{self.account}: cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise MailboxError(f"{self.account}: is no file")
            yield file

    def _whole(self, file: BinaryIO) -> int:
        """Return where the last whole message ends: the size while no delivery holds the file.

        The lock is let go at once, so that nobody has to wait: what comes later only appends.
        """
        dotted = self._path.with_name(f"{self._path.name}.lock")
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:  # a writer has it (fcntl(2): EACCES or EAGAIN)
                time.sleep(0.1)
                continue
            held = dotted.exists()
            size = os.fstat(file.fileno()).st_size
            fcntl.lockf(file, fcntl.LOCK_UN)
            if not held and not dotted.exists():
                return size
            time.sleep(0.1)
        raise MailboxError(
            f"{self.account}: somebody has locked it for {_PATIENCE:.0f} s: `fuser {self._path}` says who"
        )


def _messages(file: BinaryIO, end: int) -> Iterator[Entry]:
    """Yield each message after the first `From ` line, which has been read."""
    start = place = file.tell()
    digest, held = hashlib.sha256(), b""  # held: a blank line, which before `From ` belongs to neither message
    whole = True  # whether the last piece ended its line
    while place < end and (piece := file.readline(min(_LINE, end - place))):
        if whole and _SEPARATOR.match(piece):
            yield Entry(digest.hexdigest(), place - len(held) - start, start)
            place = _past_line(file, place + len(piece), piece)
            start, digest, held, whole = place, hashlib.sha256(), b"", True
            continue
        digest.update(held)
        held = piece if whole and piece in _BLANK else b""
        digest.update(b"" if held else piece)
        whole = piece.endswith(b"\n")
        place += len(piece)
    if end:
        yield Entry(digest.hexdigest(), place - len(held) - start, start)


def _past_line(file: BinaryIO, place: int, piece: bytes) -> int:
    """Read the rest of a line, and return where it ends."""
    while piece and not piece.endswith(b"\n"):
        piece = file.readline(_LINE)
        place += len(piece)
    return place
