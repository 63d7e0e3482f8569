"""Opening a log: by content whatever its name, with errors that say what to do."""

from __future__ import annotations

import bz2
import gzip
import subprocess
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from logbounce.errors import DamagedLogError, InputError
from logbounce.follow import open_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = b"".join(b"line %d\n" % n for n in range(100_000))


def _zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, _zstd], ids=["plain", "gzip", "bzip2", "zstd"])
def test_every_compression_is_known_by_its_content(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "mail.log.1"
    path.write_bytes(pack(TEXT))
    with open_log(str(path)) as log:
        assert log.head == TEXT[: len(log.head)]
        assert b"".join(iter(lambda: log.stream.read(65536), b"")) == TEXT
        assert log.growing is (pack is bytes)


def test_members_of_a_gzip_file_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    with open_log(str(path)) as log:
        assert log.stream.read(100) == b"one\ntwo\n"


def test_skip_returns_the_bytes_before_the_place(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    with open_log(str(path)) as log:
        assert log.skip(500_000, 20) == TEXT[500_000 - 20 : 500_000]
        assert log.stream.read(10) == TEXT[500_000:500_010]


def test_skip_past_the_end_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"short\n")
    with open_log(str(path)) as log:
        assert log.skip(1000, 10) == b""


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:50] + b"\0" * 50 + data[100:],
        lambda data: data[:-8] + b"\0" * 8,
        lambda data: data + b"no gzip",
    ],
    ids=["cut", "overwritten", "wrong checksum", "something behind"],
)
def test_damaged_data_is_an_error_that_names_the_file(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "old.gz"
    path.write_bytes(damage(gzip.compress(TEXT)))
    with pytest.raises(DamagedLogError, match=r"old\.gz: the compressed data is damaged or cut short"):
        read_to_the_end(path)


@pytest.mark.parametrize("pack", [bz2.compress, _zstd], ids=["bzip2", "zstd"])
def test_damaged_data_of_other_programs_is_told_likewise(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "old"
    data = pack(TEXT)
    path.write_bytes(data[: len(data) // 2] + b"\xff" * 50 + data[len(data) // 2 + 50 :])
    with pytest.raises(DamagedLogError, match=r"old: the compressed data is damaged or cut short"):
        read_to_the_end(path)


def read_to_the_end(path: Path) -> None:
    with open_log(str(path)) as log:
        while log.stream.read(1 << 20):
            pass


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"), open_log(str(tmp_path / "none")):
        pass
    with pytest.raises(InputError, match=r"is a directory; expected log files"), open_log(str(tmp_path)):
        pass


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    subprocess.run(["mkfifo", str(fifo)], check=True)
    with subprocess.Popen(["sh", "-c", f"printf 'a\\n' > {fifo}; "]), open_log(str(fifo)) as log:
        assert log.stream.read(10) == b"a\n"
        assert log.size is None
        assert log.growing is False
