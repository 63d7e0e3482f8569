"""A journal whose entries come and go: what is stored of how far it was read, and when it is asked anew."""

from __future__ import annotations

import json
import subprocess
import time
from threading import Event
from typing import TYPE_CHECKING

import pytest

from logbounce.follow.journal import Journal
from logbounce.follow.journal_files import JournalFile
from logbounce.ingest import checkpoint, journal_source
from logbounce.ingest.journal_source import JournalSource
from logbounce.ingest.session import Sessions
from logbounce.settings import Source
from tests.unit.ingest.following import kept_open
from tests.unit.ingest.logs import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.ingest.state import Memory

PATIENCE_SECONDS = 60.0
TEXT = "4TX{0:04X}: to=<r{0}@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (timed out)"


class Played:
    """A journal that a test writes and vacuums; in the place of journalctl there is tail(1)."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.identifiers = ["kernel"]  # of the entries 1, 2, ...
        self.oldest = 1  # that is still there
        self.asked: list[str | None] = []
        self.readable = True
        self.ours = Journal("postfix", None, ()).ours

    def log(self, identifier: str, count: int = 1) -> None:
        """Log so many entries."""
        for _ in range(count):
            self.identifiers.append(identifier)
            if identifier.startswith("postfix"):
                with self.file.open("a") as file:
                    file.write(entry(len(self.identifiers)))

    def vacuum(self) -> None:
        """Forget every entry."""
        self.oldest = len(self.identifiers) + 1

    def follow(self, cursor: str | None, *, once: bool) -> subprocess.Popen[bytes]:
        """Give what is there from an entry on."""
        del once
        self.asked.append(cursor)
        self.file.write_text("".join(entry(number) for number in self._ours() if number >= number_of(cursor)))
        return subprocess.Popen(["tail", "-c", "+1", "-f", str(self.file)], stdout=subprocess.PIPE)

    def last(self) -> str | None:
        """Return the cursor of the last entry."""
        ours = self._ours()
        return (cursor_of(ours[-1]) if ours else "") if self.readable else None

    def files(self) -> list[JournalFile]:
        """Return the only file."""
        last = len(self.identifiers)
        return [JournalFile("/j/system.journal", "aa", self.oldest if self.oldest <= last else 0, last)]

    def _ours(self) -> list[int]:
        found = [number for number, one in enumerate(self.identifiers, 1) if one.startswith("postfix")]
        return [number for number in found if number >= self.oldest]


def cursor_of(number: int) -> str:
    return f"s=aa;i={number:x};b=b;m={number:x};t={number:x};x={number:x}"


def number_of(cursor: str | None) -> int:
    return int(cursor.split(";")[1].removeprefix("i="), 16) if cursor else 0


def entry(number: int) -> str:
    told = {"__CURSOR": cursor_of(number), "__REALTIME_TIMESTAMP": f"{1_700_000_000_000_000 + number}"}
    told |= {"_HOSTNAME": "mx", "SYSLOG_IDENTIFIER": "postfix/smtp", "SYSLOG_PID": "7", "MESSAGE": TEXT.format(number)}
    return json.dumps(told) + "\n"


class Lab:
    """A source of a played journal, and the database."""

    def __init__(self, database: Memory, journal: Played) -> None:
        self.database = database
        self.journal = journal
        self.said: list[str] = []
        self._sessions = Sessions(database.settings, RULES, self.said.append, Event())
        self._came = Event()
        self.source = self.start()

    def start(self, *, once: bool = False) -> JournalSource:
        """Begin to follow the journal, where it was left."""
        stored = next(iter(checkpoint.known(self.database.connection)), None)
        configured = Source("mx1", "postfix", journal="postfix")
        return JournalSource(configured, self.database.settings, stored, self.said.append, self._came.set, once=once)

    def again(self) -> None:
        """Begin anew."""
        self.source.close()
        self.source = self.start()

    def read(self, lines: int) -> None:
        """Wait until so many lines have come, and store them."""
        while lines > 0:
            piece = self.source.read(50_000)
            if piece:
                piece.commit(self.database.connection)
                lines -= piece.lines
            elif lines:
                self.wait()
        assert lines == 0

    def wait(self) -> None:
        """Wait until something has come, or the end."""
        assert self._came.wait(PATIENCE_SECONDS)
        self._came.clear()

    def settle(self) -> bool:
        """Do what is done when nothing comes."""
        return self.source.settle(self._sessions)

    def stored(self) -> str:
        """Return how far the journal was read, as it is stored."""
        (row,) = self.database.rows("select cursor from sources")
        return str(row[0])


@pytest.fixture
def lab(database: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    kept_open(database.connection, monkeypatch)
    monkeypatch.setattr(journal_source, "_LOOK_SECONDS", float("inf"))
    played = Played(tmp_path / "journal")
    monkeypatch.setattr(Journal, "named", lambda *_: played)
    lab = Lab(database, played)
    yield lab
    lab.source.close()


def test_entries_are_read_once(lab: Lab) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    lab.again()
    lab.journal.log("postfix/smtp", 2)
    lab.read(2)
    assert lab.journal.asked == [None, cursor_of(4)]
    assert lab.database.rows("select lines_read, attempts from sources") == [(5, 5)]
    assert lab.said == []


def test_it_is_noted_now_and_then_how_far_it_was_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    lab.journal.log("cron", 5)
    monkeypatch.setattr(journal_source, "_LOOK_SECONDS", 0)
    for due, reach in ((float("inf"), 4), (0, 9)):
        monkeypatch.setattr(journal_source, "_NOTE_SECONDS", due)
        lab.settle()
        assert lab.stored() == f"{cursor_of(4)} aa={reach}"


def test_nothing_is_stored_when_nothing_has_come(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    for name in ("_LOOK_SECONDS", "_NOTE_SECONDS"):
        monkeypatch.setattr(journal_source, name, 0)
    monkeypatch.setattr(Sessions, "open", None)
    for _ in range(3):
        assert not lab.settle()


def test_it_is_noted_at_once_if_it_would_seem_to_be_a_loss(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    lab.journal.log("cron", 5)
    lab.journal.vacuum()
    monkeypatch.setattr(journal_source, "_LOOK_SECONDS", 0)
    lab.settle()
    assert lab.stored() == f"{cursor_of(4)} aa=9"
    lab.again()
    assert not lab.settle()
    assert (lab.said, lab.database.rows("from source_gaps")) == ([], [])


def test_it_has_not_been_read_so_far_while_entries_wait(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    lab.journal.log("cron", 5)
    lab.journal.log("postfix/smtp")
    lab.journal.log("cron", 5)
    for name in ("_LOOK_SECONDS", "_NOTE_SECONDS"):
        monkeypatch.setattr(journal_source, name, 0)
    lab.settle()
    assert lab.stored() == f"{cursor_of(4)} aa=4"
    lab.read(1)
    assert lab.stored() == f"{cursor_of(10)} aa=15"


def test_a_journal_that_cannot_be_read_is_not_taken_for_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    lab.journal.log("cron", 5)
    lab.journal.readable = False
    for name in ("_LOOK_SECONDS", "_NOTE_SECONDS"):
        monkeypatch.setattr(journal_source, name, 0)
    lab.settle()
    assert lab.stored() == f"{cursor_of(4)} aa=4"


def test_one_run_looks_again_if_the_journal_could_not_be_read_at_first(lab: Lab) -> None:
    lab.source.close()
    lab.journal.log("postfix/smtp", 3)
    lab.journal.log("cron", 5)
    lab.journal.readable = False
    lab.source = lab.start(once=True)
    lab.read(3)
    assert lab.stored() == f"{cursor_of(4)} aa=4"
    lab.journal.readable = True
    lab.settle()
    assert lab.stored() == f"{cursor_of(4)} aa=9"


def test_what_was_removed_unread_is_told_before_anything_is_read(lab: Lab) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    lab.source.close()
    lab.journal.log("postfix/smtp", 2)
    lab.journal.vacuum()
    lab.source = lab.start()
    lab.journal.log("postfix/smtp", 2)
    assert lab.source.read(50_000) is None
    assert lab.settle()
    assert len(lab.said) == 1
    assert "what came after entry 4 cannot be had" in lab.said[0]
    assert lab.database.rows("select source_name, from_position from source_gaps") == [("mx1", 4)]
    lab.read(2)
    lab.again()
    assert not lab.settle()
    assert len(lab.said) == 1


def test_it_is_asked_anew_when_it_had_to_wait_for_long(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.journal.log("postfix/smtp", 3)
    lab.read(3)
    monkeypatch.setattr("logbounce.follow.pipe._HELD_BYTES", 200)
    lab.journal.log("postfix/smtp", 4)
    while not lab.source.pipe.full:
        time.sleep(0.01)
    lab.source._read_at -= 3600  # noqa: SLF001 - so long ago is it
    lab.read(4)
    assert lab.journal.asked == [None, cursor_of(4)]
    assert lab.database.rows("select lines_read, attempts from sources") == [(7, 7)]


def test_a_journalctl_that_ends_at_once_is_not_started_at_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was a busy loop: a service whose user may not read the journal filled it with what it had to say of that."""

    def refused(cursor: str | None, *, once: bool) -> subprocess.Popen[bytes]:
        del once
        lab.journal.asked.append(cursor)
        return subprocess.Popen(["false"], stdout=subprocess.PIPE)

    monkeypatch.setattr(lab.journal, "follow", refused)
    lab.again()
    asked = len(lab.journal.asked)
    for _ in range(50):
        while lab.source.read(1) is None and not lab.source.pipe.ended:
            lab.wait()
        lab.settle()
    assert len(lab.journal.asked) == asked
    assert lab.said == ["journal:postfix: journalctl ended with exit code 1: see what it said above"]
    monkeypatch.setattr(journal_source, "_RESTART_SECONDS", 0.0)  # some seconds later
    lab.settle()
    assert (len(lab.journal.asked), len(lab.said)) == (asked + 1, 1)
