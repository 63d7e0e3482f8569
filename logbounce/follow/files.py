"""Opens one log, plain or compressed, and says what it is by its content."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import os
import stat
import sys
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from logbounce.clock import utc, utc_now
from logbounce.errors import DamagedLogError, InputError, MissingLogError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.follow.blocks import Readable

HEAD_BYTES = 256 * 1024
FINGERPRINT_BYTES = 1024
ENOUGH_BYTES = 16 * 1024  # some hundred lines: they tell how the others are carried
_SKIP_BYTES = 4 * 1024 * 1024
STDIN = "-"

# By magic number, not by name: rotated files are called anything. (RFC 1952, RFC 8878, the bzip2 format.)
_GZIP, _ZSTD, _BZIP2 = _MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh"


@dataclass(frozen=True)
class LogFile:
    """A log that is open for reading, uncompressed, from its first byte.

    `head` is its first 256 KiB, which `stream` gives again; `latest` is when it was last written, so no stamp in it is
    later.
    """

    path: str
    raw: IO[bytes]
    stream: Readable
    head: bytes
    latest: datetime
    size: int | None
    device: int | None
    inode: int | None
    growing: bool  # a plain file: a last line without an end may still get one

    @property
    def fingerprint_length(self) -> int:
        """Return how many of the first bytes the fingerprint is over."""
        return min(FINGERPRINT_BYTES, len(self.head))

    def renewed(self) -> LogFile:
        """Return the file as it is now."""
        if not self.growing:
            return self
        found = os.fstat(self.raw.fileno())
        head = self.head if len(self.head) >= ENOUGH_BYTES else os.pread(self.raw.fileno(), HEAD_BYTES, 0)
        return replace(self, head=head, latest=_written(found), size=found.st_size)

    def turned_out_compressed(self) -> bool:
        """Tell whether a file that was empty when it was opened is being made by a compressor."""
        return self.growing and os.pread(self.raw.fileno(), 4, 0).startswith(_MAGIC)

    def skip(self, count: int, keep: int) -> bytes:
        """Pass over the next `count` bytes and return the last `keep` of them; none come back where there are fewer."""
        if self.stream is self.raw:
            self.raw.seek(max(count - keep, 0), os.SEEK_CUR)
            tail = self.raw.read(min(count, keep))
            return tail if len(tail) == min(count, keep) else b""
        tail = b""
        while count > 0 and (part := self.stream.read(min(count, _SKIP_BYTES))):
            tail = (tail + part)[-keep:] if keep else b""
            count -= len(part)
        return tail if count == 0 else b""

    def fingerprint(self, length: int) -> str:
        """Return the SHA-256 of the first `length` bytes."""
        return hashlib.sha256(self.head[:length]).hexdigest()


@contextmanager
def open_log(path: str) -> Iterator[LogFile]:
    """Open `path` (or standard input for `-`); InputError says why it cannot be read."""
    with explained(path), _open_raw(path) as raw:
        yield _describe(path, raw)


def attach(path: str) -> LogFile:
    """Open `path` to be followed; the caller closes its `raw`. InputError says why it cannot be read."""
    with explained(path):
        raw = _open_raw(path)
        try:
            return _describe(path, raw)
        except BaseException:
            raw.close()
            raise


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what goes wrong while `path` is read into an InputError."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingLogError(f"{path}: cannot be read: {error.strerror}") from error
    except OSError as error:
        if error.errno is not None:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from error
        raise _damaged(path, error) from error  # of gzip, bz2 and zstd, not of the system
    except (EOFError, zlib.error, pa.ArrowInvalid) as error:
        raise _damaged(path, error) from error


def _damaged(path: str, error: Exception) -> DamagedLogError:
    return DamagedLogError(f"{path}: the compressed data is damaged or cut short: {error}")


def _open_raw(path: str) -> IO[bytes]:
    if path == STDIN:
        return os.fdopen(os.dup(standard_input()), "rb")
    if not _is_utf8(path):
        raise InputError(f"{path}: the name of the file is not UTF-8: rename it, or read it as `- < FILE`")
    if Path(path).is_dir():
        raise InputError(f"{path}: is a directory; expected log files, e.g. {path.rstrip('/')}/mail.log")
    return Path(path).open("rb")


def standard_input() -> int:
    """Return the descriptor of standard input."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, ValueError) as error:  # None where it was closed (`<&-`)
        raise InputError("standard input is closed") from error


def _is_utf8(path: str) -> bool:
    """Tell whether a name can be stored: bytes of it that are no text are lone surrogates in Python (PEP 383)."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _describe(path: str, raw: IO[bytes]) -> LogFile:
    found = os.fstat(raw.fileno())
    regular = stat.S_ISREG(found.st_mode)
    magic = raw.peek(4)[:4] if isinstance(raw, io.BufferedReader) else b""
    stream = _decompressed(raw, magic)
    compressed = stream is not raw
    head = _read_fully(stream, HEAD_BYTES)
    seekable = regular and not compressed and path != STDIN  # the shell may have read some of standard input
    if seekable:
        raw.seek(0)
    return LogFile(
        path=path,
        raw=raw,
        stream=raw if seekable else _Rejoined(head, stream),
        head=head,
        latest=_written(found) if regular else utc_now(),
        size=found.st_size if regular and not compressed else None,
        device=found.st_dev if regular else None,
        inode=found.st_ino if regular else None,
        growing=regular and not compressed,
    )


def _written(found: os.stat_result) -> datetime:
    return utc(datetime.fromtimestamp(found.st_mtime, UTC))


def _decompressed(raw: IO[bytes], magic: bytes) -> Readable:
    if magic.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if magic.startswith(_BZIP2):
        return bz2.BZ2File(raw)
    if magic.startswith(_ZSTD):
        zstd: Readable = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
        return zstd
    return raw


def _read_fully(stream: Readable, wanted: int) -> bytes:
    """Read `wanted` bytes, or all there are: a pipe gives less at a time."""
    parts = []
    while wanted > 0 and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


class _Rejoined:
    """The head that was read to look at, then the rest of the stream."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        return self._rest.read(size)
