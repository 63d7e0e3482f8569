"""Maildirs: keys that stay, and nothing but plain files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from logbounce.errors import GoneError, MailboxError, TooLargeError
from logbounce.mailbox import Entry, open_mailbox, try_out
from logbounce.settings import Action, After, Mailbox, Protocol, local

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"Subject: x\n\nno such user\n"


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("tmp", "new", "cur"):
        (tmp_path / part).mkdir()
    (tmp_path / "new/1.new").write_bytes(BODY)
    (tmp_path / "cur/2.cur:2,FR").write_bytes(BODY + b"2\n")
    (tmp_path / "tmp/3.draft").write_bytes(b"half a mess")
    return tmp_path


def account(maildir: Path, after: After | None = None, **settings: str) -> Mailbox:
    return Mailbox("box", Protocol.MAILDIR, path=str(maildir), after=after or After(), **settings)  # type: ignore[arg-type]


def entries(maildir: Path) -> list[Entry]:
    with open_mailbox(account(maildir)) as box:
        return list(box.entries())


def files(maildir: Path) -> list[str]:
    found = (path for path in maildir.rglob("*") if path.is_file() and path.parent.name != "tmp")
    return sorted(path.relative_to(maildir).as_posix() for path in found)


def test_messages_have_their_names_without_flags(maildir: Path) -> None:
    with open_mailbox(local(maildir)) as box:
        first, second = box.entries()
        assert (first, second) == (Entry("1.new", len(BODY)), Entry("2.cur", len(BODY) + 2))
        assert (box.fetch(first), box.fetch(second)) == (BODY, BODY + b"2\n")


def test_a_message_whose_flags_change_stays_the_same(maildir: Path) -> None:
    with open_mailbox(account(maildir)) as box:
        first, second = box.entries()
        (maildir / "new/1.new").rename(maildir / "cur/1.new:2,S")
        assert box.fetch(first) == BODY
        (maildir / "cur/2.cur:2,FR").unlink()
        with pytest.raises(GoneError, match=r"the message 2\.cur is gone"):
            box.fetch(second)
    assert entries(maildir) == [first]


@pytest.mark.parametrize(
    ("after", "left"),
    [
        (After(), ["cur/2.cur:2,FR", "new/1.new"]),
        (After(Action.MARK), ["cur/1.new:2,S", "cur/2.cur:2,FR"]),
        (After(Action.MOVE, "Done"), [".Done/cur/1.new:2,", ".Done/maildirfolder", "cur/2.cur:2,FR"]),
        (After(Action.DELETE), ["cur/2.cur:2,FR"]),
    ],
)
def test_settled(maildir: Path, after: After, left: list[str]) -> None:
    first, second = entries(maildir)
    for _ in range(2):  # as after a crash
        with open_mailbox(account(maildir, after)) as box:
            box.settle([first], [second])
    assert files(maildir) == left


def test_flags_are_kept_and_sorted(maildir: Path) -> None:
    with open_mailbox(account(maildir, After(Action.MARK), aside="Other")) as box:
        first, second = box.entries()
        box.settle([second], [first])
    assert files(maildir) == [".Other/cur/1.new:2,", ".Other/maildirfolder", "cur/2.cur:2,FRS"]
    with open_mailbox(account(maildir, folder="Other")) as box:
        assert [box.fetch(entry) for entry in box.entries()] == [BODY]


def test_links_and_pipes_are_no_messages(maildir: Path) -> None:
    (maildir / "secret").write_text("secret")
    (maildir / "new/0.link").symlink_to(maildir / "secret")
    (maildir / "new/0.folder").mkdir()
    os.mkfifo(maildir / "new/0.pipe")
    found = entries(maildir)
    assert [entry.key for entry in found] == ["1.new", "2.cur"]
    with open_mailbox(account(maildir)) as box:
        for name, says in (("0.link", "is a link"), ("0.pipe", "is no file"), ("0.folder", "Is a directory")):
            with pytest.raises(MailboxError, match=says):
                box.fetch(Entry(name, 1))


def test_a_message_that_grew_is_not_fetched(maildir: Path) -> None:
    small = Mailbox("box", Protocol.MAILDIR, path=str(maildir), max_bytes=30)
    with open_mailbox(small) as box:
        first, _ = box.entries()
        (maildir / "new/1.new").write_bytes(b"x" * 1_000)
        with pytest.raises(TooLargeError, match="31 bytes is not fetched: max_bytes is 30"):
            box.fetch(first)


def test_what_is_no_maildir(tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="is no Maildir: it has no folder 'new'"), open_mailbox(account(tmp_path)):
        pass


def test_tried_out(maildir: Path) -> None:
    tried = try_out(account(maildir, After(Action.DELETE)))
    assert (tried.failure, tried.messages, tried.folder) == (None, 2, "INBOX")
    assert len(files(maildir)) == 2
