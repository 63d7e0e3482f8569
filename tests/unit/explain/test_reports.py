"""What bounce messages and complaints from mailboxes add: evidence, or nothing, and why."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from logbounce.database import connect
from logbounce.explain import Explained, explain
from tests.unit.cli.command import logbounce
from tests.unit.ingest.bounces import Post, complaint, dsn
from tests.unit.ingest.logs import START, Lab, arrival, attempt, removed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.ingest.state import Memory

ANN = "ann@example.org"
LATER = START + dt.timedelta(hours=5)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Return a database that has read of one delivery to Ann."""
    found = Lab(tmp_path)
    found.read([*arrival(0, "4TXA"), attempt(1, "4TXA", ANN), removed(2, "4TXA")])
    return found


def fetched(lab: Lab, *messages: bytes, trusted: bool = False) -> Explained:
    """Store messages of a mailbox, and explain Ann."""
    with connect(lab.settings.database) as connection:
        Post(cast("Memory", SimpleNamespace(connection=connection)), trusted=trusted).take(*messages)
    return explain(lab.settings.database, ANN, limit=5, now=dt.datetime.now(dt.UTC))


def reports(row: dict[str, Any]) -> list[tuple[object, ...]]:
    names = ("kind", "proved", "matched", "source_name", "entry", "reporting_mta")
    return [tuple(report[name] for name in names) for report in row["reports"]]


def test_a_message_that_came_back_is_the_evidence(lab: Lab) -> None:
    found = fetched(lab, dsn(ANN, message_id="4TXA@sender.example", time=LATER))
    (decision,) = found.in_force
    (evidence,) = decision["evidence"]
    assert (evidence["what"], evidence["outcome"], evidence["category"]) == ("attempt", "bounced", "bad-mailbox")
    assert evidence["source_offset"] is None
    assert reports(evidence) == [("bounce", True, "message_id", "bounces", "INBOX/1/1", "mx.example.org")]
    (message,) = found.mail
    assert (message["outcome"], message["attempts"], message["asynchronous"]) == ("bounced", 1, True)
    assert message["source_offset"] is None


def test_a_report_that_nothing_proves_does_not_count(lab: Lab) -> None:
    found = fetched(lab, dsn(ANN, message_id="another@sender.example", time=LATER))
    assert (found.in_force, len(found.bounces)) == ([], 1)
    (row,) = found.bounces
    assert (row["standing"], row["what"], row["category"]) == ("unproved", "report", "bad-mailbox")
    assert reports(row) == [("bounce", False, None, "bounces", "INBOX/1/1", "mx.example.org")]


def test_an_address_of_which_only_an_unproved_report_tells(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.read(arrival(0, "4TXA"))
    found = fetched(lab, dsn(ANN, time=LATER))
    assert found.known
    assert [row["standing"] for row in found.bounces] == ["unproved"]


def test_a_report_that_the_log_is_to_tell_of(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.read([*arrival(0, "4TXA"), attempt(1, "4TXA", ANN, "deferred", "connect to mx.example.org: timed out")])
    found = fetched(lab, dsn(ANN, mta="mx1.sender.example", queue_id="4TXA", time=START))
    assert "awaited" in [row["standing"] for row in found.bounces]
    assert found.in_force == []


def test_a_notice_of_delay_changes_nothing(lab: Lab) -> None:
    notice = dsn(ANN, message_id="4TXA@sender.example", action="delayed", said="450 4.2.0 <{recipient}>: later")
    assert [row["standing"] for row in fetched(lab, notice).bounces] == ["not_counted"]


def test_a_proved_complaint_is_the_evidence(lab: Lab) -> None:
    found = fetched(lab, complaint(recipient=ANN, message_id="4TXA@sender.example"))
    (decision,) = found.in_force
    (evidence,) = decision["evidence"]
    assert (decision["reason"], evidence["what"]) == ("complaint", "complaint")
    assert evidence["response"] == "abuse from Someone/1.0"
    assert [row[:4] for row in reports(evidence)] == [("feedback", True, "message_id", "bounces")]
    assert evidence["source_offset"] is None


def test_the_text_says_how_each_was_proved(lab: Lab) -> None:
    fetched(lab, dsn(ANN, message_id="4TXA@sender.example", time=LATER), dsn(ANN, time=LATER))
    shown = logbounce("explain", ANN, "--db", "lab.duckdb", cwd=lab.folder)
    assert (shown.returncode, shown.stderr) == (0, "")
    text = " ".join(shown.stdout.split())
    assert "reported by mx.example.org in bounces INBOX/1/1: bounce, proved by the Message-ID" in text
    assert "User unknown mailbox bounces (queue id 4TXA)" in text.partition("Mail to it")[2]
    fetched(lab, dsn("bob@example.org", time=LATER))
    text = " ".join(logbounce("explain", "bob@example.org", "--db", "lab.duckdb", cwd=lab.folder).stdout.split())
    assert text.startswith("bob@example.org: not suppressed no mail to it is stored What counts")
    assert "does not count: nothing proves this report" in text
    assert "bounces INBOX/1/1: bounce, not proved" in text
