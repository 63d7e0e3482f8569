"""A round through a mailbox: what is fetched, what is settled, and in which order."""

from __future__ import annotations

import hashlib
import sys
from threading import Event
from typing import TYPE_CHECKING

import duckdb
import pytest

from logbounce.dsn import read_message
from logbounce.errors import GoneError, MailboxError
from logbounce.ingest import Sessions, fetch_mailbox, mail, reports
from logbounce.ingest.fetched import Reader
from logbounce.mailbox import Box, Entry
from logbounce.settings import Action, After, Mailbox, Protocol, Settings, Trust
from tests.unit.ingest.bounces import dsn
from tests.unit.ingest.logs import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from logbounce.ingest.fetched import Fetched
    from tests.unit.ingest.state import Memory

LETTER = b"From: ann@example.org\r\nTo: news@sender.example\r\nSubject: hello\r\n\r\nThank you.\r\n"


class Kept(Box):
    """A mailbox in memory that never forgets; it notes what it is told to do."""

    def __init__(self, account: Mailbox, messages: dict[str, bytes]) -> None:
        super().__init__(account, "memory")
        self.messages = messages
        self.cut_at = ""
        self.fetched: list[str] = []
        self.done: list[tuple[str, str]] = []

    def entries(self, after: str | None = None) -> Iterator[Entry]:
        """Yield all there are."""
        del after
        yield from (Entry(key, len(raw)) for key, raw in self.messages.items())

    def fetch(self, entry: Entry) -> bytes:
        """Return the message, unless the line is cut at it."""
        self._check_size(entry.size)
        if entry.key == self.cut_at:
            raise MailboxError("the server hung up")
        if self.messages[entry.key] == b"":
            raise GoneError("gone")
        self.fetched.append(entry.key)
        return self.messages[entry.key]

    def quarantine(self, entry: Entry) -> str | None:
        """Note that it was asked for."""
        self.done.append(("quarantine", entry.key))
        return "logbounce-quarantine"

    def _delete(self, entries: Sequence[Entry]) -> None:
        self.done += [("delete", entry.key) for entry in entries]

    def _move(self, entries: Sequence[Entry], folder: str) -> None:
        self.done += [(folder, entry.key) for entry in entries]


KEEP = After()


def box(*messages: bytes, protocol: Protocol = Protocol.IMAP, after: After = KEEP, **more: object) -> Kept:
    account = Mailbox("bounces", protocol, after=after, **more)  # type: ignore[arg-type]
    return Kept(account, {f"INBOX/1/{number}": raw for number, raw in enumerate(messages, 1)})


def go(database: Memory, kept: Kept, *, dies: bool = False) -> None:
    """Go through a mailbox once; `dies`: between the commit and what comes after it."""
    connection = database.connection
    known = reports.known_entries(connection, kept.account.name)
    for batch in mail.batches(kept, known, Reader(kept.account.name, None, trusted=True)):
        given_up = batch.commit(connection, kept.account)
        if dies:
            return
        reports.settled(connection, kept.account.name, batch.settle(kept, given_up))


def counted(database: Memory) -> int:
    return int(database.rows("select count(*) from attempts")[0][0])


def bounces(count: int) -> list[bytes]:
    return [dsn(f"r{number}@example.org", message_id=f"{number}@sender.example") for number in range(count)]


DELETE = After(Action.DELETE)


def test_what_is_known_is_not_fetched_again(database: Memory) -> None:
    kept = box(*bounces(3), LETTER)
    for _ in range(3):
        go(database, kept)
    assert len(kept.fetched) == 4
    assert counted(database) == 3
    assert kept.done == []


def test_no_message_without_a_bounce_is_deleted(database: Memory) -> None:
    kept = box(*bounces(1), LETTER, after=DELETE)
    go(database, kept)
    assert kept.done == [("delete", "INBOX/1/1")]


def test_it_is_put_aside_where_the_settings_say_so(database: Memory) -> None:
    kept = box(*bounces(1), LETTER, after=After(Action.MOVE, "Done"), aside="Letters")
    go(database, kept)
    assert kept.done == [("Done", "INBOX/1/1"), ("Letters", "INBOX/1/2")]


@pytest.mark.parametrize("after", [After(Action.MOVE, "Done"), DELETE])
def test_who_died_after_the_commit_settles_in_the_next_run(database: Memory, after: After) -> None:
    kept = box(*bounces(2), after=after)
    go(database, kept, dies=True)
    assert (counted(database), kept.done) == (2, [])
    go(database, kept)
    assert (counted(database), len(kept.done), len(kept.fetched)) == (2, 2, 2)


def test_a_server_that_keeps_deleted_mail(database: Memory) -> None:
    kept = box(*bounces(2), after=DELETE)
    for _ in range(3):
        go(database, kept)
    assert counted(database) == 2
    assert len(kept.fetched) == 2
    assert len(kept.done) == 6


def test_a_limit_is_reached_in_several_runs(database: Memory) -> None:
    kept = box(*bounces(5), limit=2)
    for expected in (2, 4, 5, 5):
        go(database, kept)
        assert counted(database) == expected


def test_what_came_before_a_cut_is_stored(database: Memory) -> None:
    kept = box(*bounces(5))
    kept.cut_at = "INBOX/1/4"
    with pytest.raises(MailboxError):
        go(database, kept)
    assert counted(database) == 3
    kept.cut_at = ""
    go(database, kept)
    assert counted(database) == 5
    assert len(kept.fetched) == 5


def test_a_message_that_is_gone_is_nothing(database: Memory) -> None:
    kept = box(b"", *bounces(1))
    go(database, kept)
    assert counted(database) == 1


def test_names_that_are_no_text(database: Memory) -> None:
    kept = box()
    kept.messages = {"17.\udcff.host": bounces(1)[0]}
    for _ in range(2):
        go(database, kept)
    assert counted(database) == 1
    assert len(kept.fetched) == 1


# POP3: a UIDL that is given again


def test_a_known_uidl_with_another_size_is_another_message(database: Memory) -> None:
    kept = box(*bounces(1), protocol=Protocol.POP3)
    go(database, kept)
    kept.messages = {"INBOX/1/1": dsn("another@example.org", message_id="9@sender.example")}
    go(database, kept)
    assert counted(database) == 2


def test_what_has_a_known_uidl_and_size_is_not_deleted_unread(database: Memory) -> None:
    first, second = bounces(2)
    assert len(first) == len(second)
    assert hashlib.sha256(first).digest() != hashlib.sha256(second).digest()
    kept = box(first, protocol=Protocol.POP3, after=DELETE)
    go(database, kept)
    kept.messages = {"INBOX/1/1": second}
    go(database, kept)
    assert counted(database) == 2
    assert database.rows("select recipient from attempts order by 1") == [("r0@example.org",), ("r1@example.org",)]


# Poison


def test_three_failures_put_a_message_into_quarantine(database: Memory) -> None:
    kept = box(b"x" * 2000, *bounces(1), max_bytes=1500)
    for failures in (1, 2, 3):
        assert kept.done == []
        go(database, kept)
        assert database.rows("select failures, quarantined from report_messages where error is not null") == [
            (failures, failures == 3)
        ]
        assert counted(database) == 1
    assert kept.done == [("quarantine", "INBOX/1/1")]
    go(database, kept)
    assert len(kept.done) == 1


def test_who_died_before_the_quarantine_does_it_in_the_next_run(database: Memory) -> None:
    kept = box(b"x" * 2000, max_bytes=1500)
    for _ in range(3):
        go(database, kept, dies=True)
    assert kept.done == []
    go(database, kept)
    assert kept.done == [("quarantine", "INBOX/1/1")]


def test_what_breaks_the_reader_does_not_keep_the_next_from_being_read(
    database: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_message

    def breaking(raw: bytes) -> object:
        if b"r0@example.org" in raw:
            raise OverflowError("a date of the year \udcff")
        return read(raw)

    monkeypatch.setattr("logbounce.ingest.fetched.read_message", breaking)
    kept = box(*bounces(2))
    go(database, kept)
    assert counted(database) == 1
    assert database.rows("select error from report_messages where error is not null") == [
        ("OverflowError: a date of the year \\udcff",)
    ]


# Many recipients


def many(number: int, count: int) -> bytes:
    """Return a report that names so many recipients."""
    first = dsn(f"r{number}x0@example.org", message_id=f"{number}@sender.example")
    more = "".join(f"Final-Recipient: rfc822; r{number}x{one}@example.org\r\n\r\n" for one in range(1, count))
    return first.replace(b"--b\r\nContent-Type: text/rfc822-headers", f"{more}--b\r\n\r\nx".encode(), 1)


def test_a_batch_ends_at_a_number_of_records(database: Memory) -> None:
    kept = box(*(many(number, 900) for number in range(5)))
    reader = Reader("bounces", None, trusted=False)
    found = [sum(len(one.rows) for _, one in batch.fetched) for batch in mail.batches(kept, {}, reader)]
    assert found == [2700, 1800]
    go(database, kept)
    assert database.rows("select count(*) from report_rows") == [(4500,)]


# Memory that does not suffice


def narrow(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Have memory not suffice for what has the recipient r1@example.org in it; return what was tried."""
    store, tried = reports.store, []

    def narrowed(connection: DuckDBPyConnection, source_name: str, messages: Sequence[Fetched]) -> set[str]:
        tried.append([message.entry for message in messages])
        if any(row["recipient"] == "r1@example.org" for message in messages for row in message.rows):
            raise duckdb.OutOfMemoryException("could not allocate block")
        return store(connection, source_name, messages)

    monkeypatch.setattr(sys.modules["logbounce.ingest.reports"], "store", narrowed)
    return tried


def test_what_memory_never_suffices_for_is_quarantined_and_stops_no_other(
    database: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not deleted, for none of it is stored."""
    tried = narrow(monkeypatch)
    kept = box(*bounces(4), after=DELETE)
    reader = Reader("bounces", None, trusted=True)
    for failures in (1, 2, 3):
        known = reports.known_entries(database.connection, "bounces")
        for batch in mail.batches(kept, known, reader):
            try:
                given_up = batch.commit(database.connection, kept.account)
            except duckdb.OutOfMemoryException:
                given_up = batch.commit(database.connection, kept.account, last=True)
                assert given_up == ({"INBOX/1/2"} if failures == 3 else set())
            reports.settled(database.connection, "bounces", batch.settle(kept, given_up))
        assert counted(database) == 3
        assert database.rows("select entry, kind, failures, quarantined from report_messages where error <> ''") == [
            ("INBOX/1/2", None, failures, failures == 3)
        ]
    assert ("quarantine", "INBOX/1/2") in kept.done
    assert ("delete", "INBOX/1/2") not in kept.done
    assert tried[:2] == [[f"INBOX/1/{number}" for number in range(1, 5)]] * 2


def test_a_fetch_goes_on_where_memory_does_not_suffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = narrow(monkeypatch)
    for part in ("cur", "new", "tmp"):
        (tmp_path / "md" / part).mkdir(parents=True)
    for number, raw in enumerate(bounces(3)):
        (tmp_path / "md/new" / f"{number}.eml").write_bytes(raw)
    account = Mailbox("bounces", Protocol.MAILDIR, path=str(tmp_path / "md"), trust=Trust.ANY)
    sessions = Sessions(Settings(database=tmp_path / "db", timezone="UTC"), RULES, print, Event(), 60)
    rounds = [fetch_mailbox(account, sessions) for _ in range(4)]
    assert [(one.messages, one.reports, one.unreadable, one.suppressed) for one in rounds] == [
        (3, 2, 1, 2),
        (1, 0, 1, 0),
        (1, 0, 1, 0),
        (0, 0, 0, 0),
    ]
    assert tried[0] == tried[1] == ["0.eml", "1.eml", "2.eml"]


def test_what_an_address_proves_is_asked_once_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("logbounce.ingest.fetched.plain_recipient", asked.append)
    to = b"To: a@b.cc, c@b.cc\nSubject: x\nContent-Type: message/delivery-status\n\n"
    failed = b"".join(b"Final-Recipient: rfc822; bob%d@example.org\nAction: failed\n\n" % one for one in range(50))
    read = Reader("box", None, trusted=False).read(Entry("1", 1), to + failed)
    assert len(read.rows) == 50
    assert asked == ["a@b.cc", "c@b.cc"]
