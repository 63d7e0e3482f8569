"""`tail` reads mailboxes beside the logs, each in a thread of its own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import duckdb
import pytest

from logbounce.ingest import Pace, Tail, mail_source, reports
from logbounce.settings import After, Mailbox, Protocol, Settings, Trust
from logbounce.settings.account import Action
from tests.conftest import ROOT
from tests.unit.ingest.following import kept_open
from tests.unit.ingest.logs import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from logbounce.ingest.fetched import Fetched
    from tests.unit.ingest.state import Memory

SAMPLE = ROOT / "sample_logs/messages/qmail.eml"
MOVED = After(Action.MOVE, "Done")


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "md" / name).mkdir(parents=True)
    shutil.copy(SAMPLE, tmp_path / "md/new/1.eml")
    return tmp_path / "md"


@pytest.fixture
def settings(database: Memory, maildir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    kept_open(database.connection, monkeypatch)
    account = Mailbox("bounces", Protocol.MAILDIR, path=str(maildir), after=MOVED, interval=1, trust=Trust.ANY)
    return Settings(database=maildir / "unused", timezone="UTC", mailboxes=(account,))


def names(folder: Path) -> list[str]:
    return sorted(path.name.partition(":")[0] for part in ("cur", "new") for path in (folder / part).iterdir())


def test_once_reads_what_is_there_and_moves_it_after_the_commit(
    database: Memory, settings: Settings, maildir: Path
) -> None:
    said: list[str] = []
    tail = Tail(settings, RULES, said.append, Pace(0), once=True)
    tail.follow_configured()
    tail.run()
    tail.close()
    assert database.rows("select kind, entry, settled from report_messages") == [("bounce", "1.eml", True)]
    assert database.rows("select count(*) from suppressions where address like 'bob@%'") == [(1,)]
    assert (names(maildir), names(maildir / ".Done")) == ([], ["1.eml"])
    assert (said, tail.unreadable) == ([], False)


def test_what_comes_later_is_read_and_counted_once(database: Memory, settings: Settings, maildir: Path) -> None:
    tail = Tail(settings, RULES, print, Pace(0.05))
    tail.follow_configured()
    while tail.step() == 0:
        tail.wake.wait(1)
    shutil.copy(SAMPLE, maildir / "new/2.eml")  # the same message again
    (maildir / "new/3.eml").write_bytes(SAMPLE.read_bytes().replace(b"bob@", b"carl@"))
    while len(database.rows("from report_messages")) < 3:
        tail.step()
        tail.wake.wait(0.2)
    tail.close()
    assert len(database.rows("from report_rows")) == 4  # of two messages to two each
    assert database.rows("select count(*) from suppressions where address like 'carl@%'") == [(1,)]


def test_a_mailbox_that_cannot_be_read_is_told_of_and_keeps_nothing_from_going_on(
    settings: Settings, maildir: Path
) -> None:
    shutil.rmtree(maildir)
    said: list[str] = []
    tail = Tail(settings, RULES, said.append, Pace(0), once=True)
    tail.follow_configured()
    tail.run()
    tail.close()
    assert tail.unreadable
    assert len(said) == 1
    assert "mailbox bounces" in said[0]


def test_a_mailbox_that_breaks_us_is_told_of_and_not_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(account: Mailbox) -> NoReturn:
        raise RecursionError(f"{account.name}\nis deep")

    monkeypatch.setattr(mail_source, "open_mailbox", breaks)
    said: list[str] = []
    tail = Tail(settings, RULES, said.append, Pace(0), once=True)
    tail.follow_configured()
    tail.run()
    tail.close()
    assert ("RecursionError" in said[0], tail.unreadable) == (True, True)


def test_a_password_that_is_not_there_is_told_in_its_own_words(settings: Settings) -> None:
    account = Mailbox("bounces", Protocol.IMAP, host="mail.example", port=993, user="b", password_env="NOT_SET")  # noqa: S106
    said: list[str] = []
    tail = Tail(replace(settings, mailboxes=(account,)), RULES, said.append, Pace(0), once=True)
    tail.follow_configured()
    tail.run()
    tail.close()
    assert said == ["mailbox bounces (imap mail.example:993): the variable NOT_SET: has nothing"]
    assert tail.unreadable


def test_a_message_that_memory_does_not_suffice_for_stops_no_other(
    database: Memory, settings: Settings, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (maildir / "new/2.eml").write_bytes(SAMPLE.read_bytes().replace(b"bob@", b"carl@"))
    store = reports.store

    def narrowed(connection: DuckDBPyConnection, source_name: str, messages: Sequence[Fetched]) -> set[str]:
        if any("carl@" in str(row["recipient"]) for message in messages for row in message.rows):
            raise duckdb.OutOfMemoryException("could not allocate block")
        return store(connection, source_name, messages)

    monkeypatch.setattr(reports, "store", narrowed)
    tail = Tail(settings, RULES, print, Pace(0), once=True)
    tail.follow_configured()
    tail.run()
    tail.close()
    assert database.rows("select entry, error is null, failures from report_messages order by entry") == [
        ("1.eml", True, 0),
        ("2.eml", False, 1),
    ]
    assert (names(maildir), names(maildir / ".Done")) == (["2.eml"], ["1.eml"])
