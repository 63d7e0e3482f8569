"""A file is known again by its bytes: not by its name, not by its inode, not by a header that others have too."""

from __future__ import annotations

import bz2
import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from logbounce.errors import DamagedLogError, MissingLogError
from logbounce.follow import resume
from logbounce.follow.mark import holds
from tests.unit.follow.marks import Read, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = b"type,timeLogged,rcpt," + b"column," * 200 + b"end\n"  # longer than the fingerprint
A = b"".join(b"line %d of a\n" % n for n in range(200))
B = b"".join(b"line %d of b\n" % n for n in range(200))


def _zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


PACKED = pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, _zstd], ids=["plain", "gz", "bz2", "zst"])


def left(path: Path, *marks: Read) -> tuple[Read | None, bytes]:
    """Return by which mark a file is known, and what is still to be read of it."""
    log, mark = resume(str(path), marks)
    with log.raw:
        assert mark is None or isinstance(mark, Read)
        return mark, log.stream.read(1 << 20)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


@PACKED
def test_a_file_goes_on_where_it_was_left_under_any_name(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    mark = read(A, 650)
    (tmp_path / "anything").write_bytes(pack(A))
    assert left(tmp_path / "anything", mark) == (mark, A[650:])


def test_a_file_that_nobody_read_begins_at_its_first_byte(log: Path) -> None:
    log.write_bytes(A)
    assert left(log) == (None, A)
    assert left(log, read(B)) == (None, A)


@PACKED
def test_files_that_begin_alike_are_told_apart_by_where_they_were_left(
    log: Path, pack: Callable[[bytes], bytes]
) -> None:
    """PowerMTA's files all begin with the same header."""
    mark = read(HEADER + A, len(HEADER) + 130)
    log.write_bytes(pack(HEADER + B))
    assert left(log, mark) == (None, HEADER + B)
    log.write_bytes(pack(HEADER + A))
    assert left(log, mark) == (mark, A[130:])


def test_of_files_that_begin_alike_each_finds_its_own(log: Path) -> None:
    marks = [read(HEADER + B), read(HEADER + A, len(HEADER) + 130), read(HEADER + B, len(HEADER) + 13)]
    log.write_bytes(HEADER + A)
    assert left(log, *marks) == (marks[1], A[130:])


def test_of_marks_that_fit_the_furthest_counts(log: Path) -> None:
    near, far = read(A, 130), read(A, 1300)
    log.write_bytes(A)
    assert left(log, near, far) == (far, A[1300:])
    assert left(log, far, near) == (far, A[1300:])


@pytest.mark.parametrize("data", [b"x\n", b"a\nb\n", A[:300]])
def test_a_tiny_file_that_grows_is_known_by_what_it_began_with(log: Path, data: bytes) -> None:
    mark = read(data)
    log.write_bytes(data + B)
    assert left(log, mark) == (mark, B)


@pytest.mark.parametrize("now", [b"", b"x\n", b"one\n", b"one\ntwo\nthree", b"One\ntwo\nthree\nfour\n"])
def test_a_tiny_file_is_not_another_one(log: Path, now: bytes) -> None:
    """Shorter than what was read, or other bytes."""
    log.write_bytes(now)
    assert left(log, read(b"one\ntwo\nthree\n")) == (None, now)


def test_an_empty_file_left_no_mark_to_be_known_by(log: Path) -> None:
    log.write_bytes(A)
    assert left(log, read(b"")) == (None, A)


def test_an_inode_that_is_used_again_is_another_file(log: Path) -> None:
    log.write_bytes(A)
    mark = read(A, at=log)
    log.write_bytes(B)
    assert log.stat().st_ino == mark.inode
    assert left(log, mark) == (None, B)


@pytest.mark.parametrize("change", [0, 500, 1299])
def test_bytes_that_were_read_and_are_others_now_make_another_file(log: Path, change: int) -> None:
    log.write_bytes(A[:change] + b"#" + A[change + 1 :])
    assert left(log, read(A, 1300))[0] is None


def test_a_compressed_file_that_was_read_to_its_end_is_not_unpacked_again(log: Path) -> None:
    long = A * 200
    log.write_bytes(gzip.compress(long)[:-8] + b"\0" * 8)  # a wrong checksum, that only who reads to the end can see
    mark = read(long, at=log, finished=True)
    assert left(log, mark) == (mark, b"")
    log.with_suffix(".2").write_bytes(log.read_bytes())  # another inode: it has to be looked into
    with pytest.raises(gzip.BadGzipFile):
        left(log.with_suffix(".2"), mark)


def test_a_plain_file_that_was_read_to_its_end_can_still_grow(log: Path) -> None:
    log.write_bytes(A)
    mark = read(A, at=log, finished=True)
    with log.open("ab") as late:
        late.write(b"late\n")
    assert left(log, mark) == (mark, b"late\n")


@PACKED
def test_who_has_the_bytes_of_a_mark_and_who_has_not(log: Path, pack: Callable[[bytes], bytes]) -> None:
    log.write_bytes(pack(A))
    assert holds(str(log), read(A, 1300))
    assert not holds(str(log), read(B, 1300))
    assert not holds(str(log), read(A + B))


def test_what_cannot_be_read_says_so(log: Path) -> None:
    with pytest.raises(MissingLogError, match=r"mail\.log: cannot be read: No such file"):
        resume(str(log), [])
    log.write_bytes(gzip.compress(A)[:60])
    with pytest.raises(DamagedLogError, match=r"mail\.log: the compressed data is damaged or cut short"):
        resume(str(log), [read(A)])
