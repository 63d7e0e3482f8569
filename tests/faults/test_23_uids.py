"""Fault 23: UIDVALIDITY changes; UIDLs are given again; a server keeps deleted mail: each message is counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.postbox import Postbox, bounce
from tests.live.cutting import Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.dovecot import Dovecot

MESSAGES = "select count(*) from report_messages"


def test_uidvalidity_changes(tmp_path: Path, dovecot: Dovecot, user: str) -> None:
    """All keys are new then: the messages are fetched again, and known by their bytes."""
    post = Postbox(tmp_path, dovecot, user)
    for validity in ("77", "78", "5"):
        post.deliver(5)
        post.fetch()
        post.check()
        before = post.query(MESSAGES)
        dovecot.admin("mailbox", "update", "-u", user, "--uid-validity", validity, "INBOX")
        post.fetch()
        assert post.query(MESSAGES) > before
        post.check()


def test_uidvalidity_changes_before_the_messages_are_moved(tmp_path: Path, dovecot: Dovecot, user: str) -> None:
    post = Postbox(tmp_path, dovecot, user)
    post.deliver(5)
    post.fetch()
    dovecot.admin("mailbox", "update", "-u", user, "--uid-validity", "77", "INBOX")
    moving = Postbox(tmp_path, dovecot, user, after="{move: Done}")
    moving.fetch()
    post.check()
    assert (post.folder_has("INBOX"), post.folder_has("Done")) == (0, 5)


@pytest.mark.parametrize("after", ["keep", "delete"])
def test_a_uidl_is_given_again(tmp_path: Path, dovecot: Dovecot, user: str, after: str) -> None:
    """To a message of another size; and, where the first was deleted, to one of the same size too."""
    post = Postbox(tmp_path, dovecot, user, "pop3", after)
    post.delivered = 8
    numbers = (8, 9, 10) if after == "delete" else (9, 10)
    assert len(bounce(8)) == len(bounce(9)) != len(bounce(10))
    for number in numbers:
        if after == "keep":
            dovecot.maildir(user)
            dovecot.admin("expunge", "-u", user, "mailbox", "INBOX", "all")
        post.delivered = number
        post.deliver(name="same")
        post.fetch()
    assert post.query("select recipient from attempts order by event_time, recipient desc") == sorted(
        [(f"r{number}@example.org",) for number in numbers], reverse=True
    )
    assert post.query(MESSAGES) == [(1,)]


def test_a_deletion_that_never_takes_effect(tmp_path: Path, dovecot: Dovecot, user: str) -> None:
    """POP3 deletes at QUIT, before which the line is always cut."""
    post = Postbox(tmp_path, dovecot, user, "pop3", "delete")
    for _ in range(3):
        post.deliver(3)
        with Proxy(dovecot.ports["pop3"], at=b"QUIT") as proxy:
            post.reach(proxy.port, plain=True)
            post.fetch(code=None)
            assert proxy.cuts == 1
        post.check()
    assert post.folder_has("INBOX") == 9
    post.reach(dovecot.ports["pop3"], plain=True)
    post.fetch()
    post.check()
    assert post.folder_has("INBOX") == 0


def test_deleted_mail_comes_back(tmp_path: Path, dovecot: Dovecot, user: str) -> None:
    post = Postbox(tmp_path, dovecot, user, after="delete")
    for _ in range(3):
        post.delivered = 0
        post.deliver(4)
        post.fetch()
        post.check()
        assert post.folder_has("INBOX") == 0
