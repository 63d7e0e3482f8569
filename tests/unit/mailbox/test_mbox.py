"""mbox files: one entry a message, the same key for the same bytes, and no half message."""

from __future__ import annotations

import hashlib
import mailbox
import os
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbounce.errors import GoneError, MailboxError
from logbounce.mailbox import Entry, open_mailbox
from logbounce.settings import Mailbox, Protocol, local

if TYPE_CHECKING:
    from pathlib import Path

LOCK = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("locked", flush=True)
    sys.stdin.read()
"""
FROM = b"From MAILER-DAEMON Fri Nov 20 10:00:00 2026\n"
FIRST = b"Subject: 1\n\n>From here on\n>>From there\n"
SECOND = b"Subject: 2\n\nFrom the desk of nobody\n\nFrom\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mbox"
    path.write_bytes(FROM + FIRST + b"\n" + FROM + SECOND + b"\n")
    return path


def read(path: Path) -> list[bytes]:
    with open_mailbox(local(path)) as box:
        return [box.fetch(entry) for entry in box.entries()]


def test_messages(file: Path) -> None:
    assert read(file) == [b"Subject: 1\n\nFrom here on\n>From there\n", SECOND]
    with open_mailbox(local(file)) as box:
        assert [(entry.key, entry.size) for entry in box.entries()] == [
            (hashlib.sha256(body).hexdigest(), len(body)) for body in (FIRST, SECOND)
        ]


def test_what_is_appended_changes_no_key(file: Path) -> None:
    with open_mailbox(local(file)) as box:
        before = list(box.entries())
        with file.open("ab") as stream:
            stream.write(FROM + b"Subject: 3\n\n")
        after = list(box.entries())
        assert after[:2] == before
        assert box.fetch(after[2]) == b"Subject: 3\n"


def test_a_file_that_was_written_anew(file: Path) -> None:
    with open_mailbox(local(file)) as box:
        before = list(box.entries())
        file.write_bytes(FROM + SECOND)
        with pytest.raises(GoneError, match="the file was written anew"):
            box.fetch(before[1])
        assert [entry.key for entry in box.entries()] == [before[1].key]


def test_line_ends_and_last_lines(tmp_path: Path) -> None:
    file = tmp_path / "mbox"
    head = FROM.replace(b"\n", b"\r\n")
    file.write_bytes(head + b"Subject: 1\r\n\r\nx\r\n\r\n" + head + b"Subject: 2\r\n\r\ncut he")
    assert read(file) == [b"Subject: 1\r\n\r\nx\r\n", b"Subject: 2\r\n\r\ncut he"]


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "mbox").touch()
    assert read(tmp_path / "mbox") == []


def test_a_delivery_in_progress_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.mailbox.mbox._PATIENCE", 0.3)
    file.with_name("mbox.lock").touch()
    with pytest.raises(MailboxError, match="somebody has locked it"):
        read(file)
    file.with_name("mbox.lock").unlink()
    with subprocess.Popen(
        (sys.executable, "-c", LOCK, file), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as delivery:
        assert delivery.stdout
        assert delivery.stdout.readline() == b"locked\n"
        with pytest.raises(MailboxError, match="somebody has locked it"):
            read(file)
    assert len(read(file)) == 2


@pytest.mark.parametrize("content", [b"Subject: x\n\n", b"\n" + FROM, b"\x7fELF" * 99])
def test_what_is_no_mbox(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mbox").write_bytes(content)
    with pytest.raises(MailboxError, match="is no mbox: it does not begin with a line `From `"):
        read(tmp_path / "mbox")


def test_pipes_and_missing_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MailboxError, match="is no file"):
        read(tmp_path / "pipe")
    with pytest.raises(MailboxError, match="cannot be read: No such file"):
        read(tmp_path / "none")


def test_a_large_message_is_passed_over_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "mbox"
    with file.open("wb") as stream:
        stream.write(FROM + b"Subject: 1\n\n" + b"x" * 30_000_000 + b"\n" + b"y\n" * 100_000 + b"\n" + FROM + SECOND)
    tracemalloc.start()
    try:
        with open_mailbox(Mailbox("box", Protocol.MBOX, path=str(file), max_bytes=1_000)) as box:
            found = list(box.entries())
            assert box.fetch(found[1]) == SECOND
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert [entry.size for entry in found] == [30_200_013, len(SECOND)]


LINES = st.lists(st.sampled_from([b"", b"x", b">From y", b"From ", b"From z", b"." * 70_000]), max_size=6)


@given(st.lists(LINES, min_size=1, max_size=4))
def test_the_same_messages_as_the_standard_library(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[list[bytes]]
) -> None:
    """Python's mailbox takes any line `From ` for a separator; none of these is one unless it was written as one."""
    file = tmp_path_factory.mktemp("mbox") / "mbox"
    quoted = [[b">" + line if line.startswith(b"From ") else line for line in body] for body in bodies]
    file.write_bytes(b"".join(FROM + b"S: x\n\n" + b"".join(line + b"\n" for line in body) + b"\n" for body in quoted))
    standard = mailbox.mbox(file)
    try:
        theirs = [standard.get_bytes(key) for key in standard.keys()]  # noqa: SIM118 - it is no dict
    finally:
        standard.close()
    with open_mailbox(local(file)) as box:
        ours = [(entry, box.fetch(entry)) for entry in box.entries()]
    assert [entry.size for entry, _ in ours] == [len(body) for body in theirs]
    assert all(isinstance(entry, Entry) for entry, _ in ours)
    assert [hashlib.sha256(body).hexdigest() for body in theirs] == [entry.key for entry, _ in ours]
