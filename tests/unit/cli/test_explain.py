"""`logbounce explain` as a postmaster sees it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.errors import Exit
from tests.unit.cli.command import fails, logbounce
from tests.unit.ingest.logs import arrival, attempt, removed

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "host mx[192.0.2.1] said: 550 5.1.1 user unknown \x1b[2J (in reply to RCPT TO command)"
FULL = "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)"
SPAM = "host mx[192.0.2.1] said: 550 5.7.1 looks like spam (in reply to end of DATA command)"
GONE = """\
gone@example.org: suppressed: 1 hard bounce at 2025-11-20 10:00:01 UTC (bad-mailbox, rule
  user-unknown, policy standard)

Decisions (UTC)
---------------
  DECIDED  suppressed (hard, bad-mailbox, rule user-unknown, policy standard), in force
    2025-11-20 10:00:01  bounced: bad-mailbox (hard, act H), rule user-unknown
        550 5.1.1 user unknown \\x1b[2J
        mail.log, byte 214 (queue id 4TX001)

Mail to it (UTC): 1 message, 1 bounced
--------------------------------------
  2025-11-20 10:00:01  bounced, from news@sender.example
      <4TX001@sender.example>
      bad-mailbox (hard, act H), rule user-unknown
      550 5.1.1 user unknown \\x1b[2J
      mail.log, byte 214 (queue id 4TX001)

Rules
-----
  user-unknown: WHY
"""
PLACED = {"source_name", "source_offset", "paths"}
TRIED = {"outcome", "category", "bounce_class", "act", "rule_id", "response", "sender", "message_id", "stream"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database of a log in which everything happens."""
    folder = tmp_path_factory.mktemp("explain")
    lines = [
        *arrival(0, "4TX001"),
        attempt(1, "4TX001", "gone@example.org", "bounced", NOBODY),
        attempt(1, "4TX001", "fine@example.org"),
        attempt(2, "4TX001", "full@example.org", "deferred", FULL),
        attempt(3, "4TX001", "full@example.org", "deferred", FULL),
        attempt(4, "4TX001", "refused@example.org", "bounced", SPAM),
        *arrival(10, "4TX002", sender="=cmd\u202e@sender.example"),
        attempt(11, "4TX002", "odd\x1b[31m@example.org", "bounced", NOBODY),
        removed(12, "4TX002"),
    ]
    # In another year than the tests: what counts now is asked for in a test of its own.
    (folder / "mail.log").write_text("".join(f"{line}\n" for line in lines).replace("2026-11-20T", "2025-11-20T"))
    (folder / "logbounce.yaml").write_text("timezone: UTC\n")
    assert logbounce("ingest", "mail.log", cwd=folder).returncode == Exit.OK
    return folder


def run(home: Path, *arguments: str) -> str:
    done = logbounce("explain", *arguments, cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def answer(home: Path, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(run(home, *arguments, "--json"))


def test_why_it_is_suppressed(home: Path) -> None:
    known = answer(home, "GONE@example.org")
    decided = known["decisions"][0]["decided_at"][:19].replace("T", " ")
    (rule,) = known["rules"]
    why = ", ".join(filter(None, (rule["category"], rule["why"], rule["source"])))
    text = run(home, "GONE@example.org")
    head, _, said = text.partition("Rules\n-----\n")
    expected, _, _ = GONE.replace("DECIDED", decided).partition("Rules\n-----\n")
    assert head == expected
    assert " ".join(said.split()) == f"user-unknown: {why}"


def test_the_line_stands_where_it_is_said_to(home: Path) -> None:
    (decision,) = answer(home, "gone@example.org")["decisions"]
    (evidence,) = decision["evidence"]
    (path,) = evidence["paths"]
    line = (home / path).read_bytes()[evidence["source_offset"] :].partition(b"\n")[0]
    assert b"4TX001: to=<gone@example.org>" in line
    assert line.startswith(b"2025-11-20T10:00:01")


def test_why_it_is_not_suppressed(home: Path) -> None:
    text = run(home, "full@example.org")
    assert text.startswith("full@example.org: not suppressed\n\nWhat counts against it (UTC)\n")
    assert "  one hard bounce suppresses; 0 of 3 soft bounces within 72 hours (policy standard)\n" in text
    assert "2025-11-20 10:00:02  does not count any more: it left the window at 2025-11-23 10:00:02\n" in text
    assert "2025-11-20 10:00:03  does not count again: its message did at 2025-11-20 10:00:02\n" in text
    assert "Decisions" not in text
    assert "Mail to it (UTC): 1 message, 1 deferred\n" in text
    assert "does not count: a block is the sender's fault\n" in run(home, "refused@example.org")
    fine = run(home, "fine@example.org")
    assert "250 2.0.0 Ok" in fine
    assert "Rules" not in fine


def test_how_far_it_is_from_being_suppressed(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    lines = [*arrival(0, "4TX001"), attempt(1, "4TX001", "full@example.org", "deferred", FULL)]
    text = "".join(f"{line}\n" for line in lines).replace("2026-11-20T10:00:", f"{now:%Y-%m-%dT%H:%M:}")
    (tmp_path / "mail.log").write_text(text)
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == Exit.OK
    until = f"{now + dt.timedelta(hours=72):%Y-%m-%d %H:%M:}01"
    shown = run(tmp_path, "full@example.org")
    assert "; 1 of 3 soft bounces within 72 hours (policy standard)\n" in shown
    assert f"    the oldest leaves the window at {until}\n" in shown
    assert f"  {now:%Y-%m-%d %H:%M:}01  counts until {until}\n" in shown


def test_as_json(home: Path) -> None:
    gone, full = answer(home, "gone@example.org"), answer(home, "full@example.org")
    keys = ["address", "known", "suppressed", "suppressions", "decisions", "limits", "bounces", "bounces_left_out"]
    assert list(gone) == [*keys, "messages", "outcomes", "went_on_to", "undecided", "mail", "rules"]
    assert (gone["known"], gone["suppressed"], full["known"], full["suppressed"]) == (True, True, True, False)
    (standing,), (decision,) = gone["suppressions"], gone["decisions"]
    assert standing == {key: value for key, value in decision.items() if key != "evidence"}
    (evidence,), (message,) = decision["evidence"], gone["mail"]
    assert PLACED | TRIED | {"event_time", "evidence_id", "what", "reports"} <= set(evidence)
    assert PLACED | TRIED | {"first_time", "last_time", "attempts"} <= set(message)
    assert [(row["reason"], row["needed"]) for row in full["limits"]] == [("hard", 1), ("soft", 3)]
    assert [(row["standing"], row["times"]) for row in full["bounces"]] == [("window", 1), ("repeated", 1)]
    assert len(answer(home, "full@example.org", "--limit", "1")["bounces"]) == 1


def test_hostile_text_acts_on_no_terminal(home: Path) -> None:
    for address in ("gone@example.org", "odd\\x1b[31m@example.org"):
        done = logbounce("explain", address, cwd=home)
        assert all(char.isprintable() or char == "\n" for char in done.stdout + done.stderr)
    for line in run(home, "gone@example.org", "--json").splitlines():
        assert line.isascii()
        assert line.isprintable()


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
def test_an_address_that_is_not_there(home: Path, more: tuple[str, ...]) -> None:
    done = logbounce("explain", "nobody@example.org", *more, cwd=home)
    assert done.returncode == Exit.NO
    if more:
        known = json.loads(done.stdout)
        assert (known["known"], known["suppressed"], known["mail"]) == (False, False, [])
    else:
        assert (done.stdout, done.stderr) == ("", "nobody@example.org: not in the database\n")


@pytest.mark.parametrize("address", ["", " ", "@example.org", "gone@", "gone\x1b[2J@example.org"])
def test_what_is_no_address(home: Path, address: str) -> None:
    said = fails(logbounce("explain", address, cwd=home), Exit.USAGE)
    assert "expected" in said
    assert "\x1b" not in said


def test_a_user_without_a_domain(tmp_path: Path) -> None:
    """Postfix with append_at_myorigin = no, Exim for its own users."""
    lines = [*arrival(0, "4TX001"), attempt(1, "4TX001", "root", "bounced", NOBODY), removed(2, "4TX001")]
    (tmp_path / "mail.log").write_text("".join(f"{line}\n" for line in lines))
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == Exit.OK
    assert logbounce("suppress", "check", "root", cwd=tmp_path).returncode == Exit.OK
    assert logbounce("suppress", "check", "<root>", cwd=tmp_path).returncode == Exit.OK
    said = fails(logbounce("suppress", "check", "nope", cwd=tmp_path), Exit.USAGE)
    assert said == "nope: is no address, and nobody of that name was mailed"
    assert logbounce("explain", "root", cwd=tmp_path).stdout.startswith("root: suppressed: 1 hard bounce at ")


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no database" in fails(logbounce("explain", "a@b.example", cwd=tmp_path), Exit.DATABASE)
    assert list(tmp_path.iterdir()) == []
