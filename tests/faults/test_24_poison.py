"""Fault 24: poison mail is in quarantine after three failures, by row and folder; the next message is processed."""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.postbox import Postbox

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.dovecot import Dovecot

HUGE = 100_000_000
PARTS = 5_000
QUARANTINE = "logbounce-quarantine"
ROWS = "select failures, quarantined from report_messages where error is not null"


def nested() -> bytes:
    """Return a message with parts in parts, thousands deep."""
    lines = [b"From: a@example.org", b"Subject: parts", b"MIME-Version: 1.0"]
    for number in range(PARTS):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % number, b"", b"--b%d" % number]
    return b"\r\n".join([*lines, b"Content-Type: text/plain", b"", b"the end", b""])


ODD = {
    "nested parts": nested(),
    "a charset that is none": b"From: MAILER-DAEMON@example.org\r\nSubject: =?no-such?q?=FF?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=no-such-charset\r\n\r\n\xff\xfe no such user r@example.org\r\n",
    "a charset that does not decode": b"From: MAILER-DAEMON@example.org\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-7\r\nContent-Transfer-Encoding: base64\r\n\r\n+////\r\n",
    "NUL and controls": b"Subject: a\x00b\x1b[31m\r\n\r\n\x00\x01\x02",
    "nothing": b"\r\n",
}


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_message_of_100_mb_is_known_by_its_size(tmp_path: Path, dovecot: Dovecot, user: str, protocol: str) -> None:
    """It is never fetched: max_bytes is 10 MB."""
    post = Postbox(tmp_path, dovecot, user, protocol)
    dovecot.deliver(user, b"Subject: huge\r\n\r\n" + (b"x" * 998 + b"\r\n") * (HUGE // 1000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for failures in (1, 2, 3, 3):
        post.deliver()
        post.fetch()
        post.check()
        assert post.query(ROWS) == [(failures, failures == 3)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
    assert post.query("select size_bytes > 100000000, sha256 from report_messages where quarantined") == [(True, None)]
    if protocol == "imap":
        assert (post.folder_has(QUARANTINE), post.folder_has("INBOX")) == (1, 4)


@pytest.mark.parametrize("name", ODD)
def test_odd_messages_are_read_or_set_aside(tmp_path: Path, dovecot: Dovecot, user: str, name: str) -> None:
    post = Postbox(tmp_path, dovecot, user)
    dovecot.deliver(user, ODD[name].replace(b"\x00", b"\x7f"))  # IMAP has no NUL
    for _ in range(3):
        post.deliver()
        post.fetch()
    assert post.query("select count(*) from report_messages where error is null and kind is null") == [(0,)]
    found = post.query("select recipient from attempts where recipient <> 'r@example.org' order by 1")
    assert found == [(f"r{number}@example.org",) for number in range(3)]


@pytest.mark.parametrize("error", [RecursionError, MemoryError, OverflowError, AssertionError, UnicodeError])
def test_whatever_the_reader_raises(
    tmp_path: Path, dovecot: Dovecot, user: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Postbox(tmp_path, dovecot, user)
    post.fetch()
    read = sys.modules["logbounce.ingest.fetched"].read_message

    def breaking(raw: bytes) -> object:
        if b"poison" in raw:
            raise error("said \x1b[31m")
        return read(raw)

    monkeypatch.setattr("logbounce.ingest.fetched.read_message", breaking)
    dovecot.deliver(user, b"Subject: poison\r\n\r\n")
    for failures in (1, 2, 3, 3):
        post.deliver()
        post.fetch()
        post.check()
        assert post.query(ROWS) == [(failures, failures == 3)]
    assert (post.folder_has(QUARANTINE), post.folder_has("INBOX")) == (1, 4)
