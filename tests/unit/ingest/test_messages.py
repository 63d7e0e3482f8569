"""Messages in files, and the classes of what they say."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from logbounce import shipped
from logbounce.classify import classify_texts
from logbounce.dsn import Kind, Record
from logbounce.ingest import classify_records, events_of_messages, is_message
from logbounce.ingest.message_files import messages_of
from logbounce.rules import load_rules
from tests.unit.cli.command import logbounce

if TYPE_CHECKING:
    from logbounce.errors import InputError

SAMPLES = Path(shipped.sample_logs()) / "messages"
RULES = load_rules()
MESSAGE = "From: MAILER-DAEMON@example.net\nSubject: failure notice\n\n<bob@example.org>:\n550 no such user\n"
SECONDS = 2  # of CPU
SEPARATOR = "From MAILER-DAEMON Thu Jul  2 10:00:05 2026\n"


def refuse(error: InputError) -> None:
    raise error


def events(*paths: Path) -> list[dict[str, Any]]:
    return list(events_of_messages([str(path) for path in paths], RULES, refuse))


def test_a_diagnostic_has_the_class_that_logbounce_classify_gives_it() -> None:
    rows = [row for row in events(*SAMPLES.glob("*.eml")) if row["kind"] == "bounce" and "diagnostic" in row]
    verdicts = classify_texts([row["diagnostic"] for row in rows], RULES)
    assert len(rows) > 15
    for row, verdict in zip(rows, verdicts, strict=True):
        assert (row["category"], row["bounce_class"]) == (verdict["category"], verdict["bounce_class"]), row["file"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Record(Kind.BOUNCE, "bob@example.org", diagnostic="550 5.1.1 user unknown"), ("bad-mailbox", "hard")),
        (Record(Kind.DELAYED, "bob@example.org", diagnostic="550 5.1.1 user unknown"), ("bad-mailbox", "soft")),
        (Record(Kind.BOUNCE, "bob@example.org", status="4.0.0", diagnostic="user unknown"), ("bad-mailbox", "soft")),
        (
            Record(Kind.BOUNCE, "bob@example.org", status="4.4.7", diagnostic="550 user unknown"),
            ("bad-mailbox", "hard"),
        ),
        (Record(Kind.BOUNCE, "bob@example.org", status="5.1.1"), ("bad-mailbox", "hard")),
        (
            Record(Kind.BOUNCE, "bob@example.org", status="5.1.1", diagnostic="mailbox is full"),
            ("mailbox-full", "soft"),
        ),
        (
            Record(Kind.BOUNCE, "bob@example.org", status="5.2.2", diagnostic="it did not work"),
            ("mailbox-full", "soft"),
        ),
        (Record(Kind.BOUNCE, "bob@example.org"), ("undetermined", "soft")),
        (Record(Kind.DELIVERED, "bob@example.org", status="2.1.5"), ("delivered", "none")),
        (Record(Kind.FEEDBACK, "bob@example.org", feedback_type="abuse"), ("feedback", "none")),
        (Record(Kind.FEEDBACK, "bob@example.org", feedback_type="not-spam"), ("not-bounce", "none")),
        (Record(Kind.FEEDBACK, "bob@example.org", feedback_type="auth-failure"), ("not-bounce", "none")),
    ],
)
def test_the_words_decide_then_the_status_and_a_delay_is_never_hard(record: Record, expected: tuple[str, str]) -> None:
    (verdict,) = classify_records([record], RULES)
    assert (verdict.category, verdict.bounce_class) == expected


@pytest.mark.parametrize(
    ("record", "provider"),
    [
        (Record(Kind.BOUNCE, "bob@gmail.com", diagnostic="550 no"), "google"),
        (Record(Kind.BOUNCE, "bob@bakery.example", remote_mta="mx1.smtp.goog", diagnostic="550 no"), "google"),
        (Record(Kind.BOUNCE, "bob@notgmail.com", diagnostic="550 no"), None),
    ],
)
def test_a_provider_is_known_by_the_remote_host_or_the_domain(record: Record, provider: str | None) -> None:
    assert classify_records([record], RULES)[0].provider == provider


def test_no_record_is_no_question() -> None:
    assert classify_records([], RULES) == []


def test_an_mbox_file_holds_several(tmp_path: Path) -> None:
    quoted = MESSAGE + "\n>From here on, From the sea\nFrom me to you\n\nFrom me, no date\n"
    (tmp_path / "box").write_text(f"{SEPARATOR}{quoted}\n{SEPARATOR}{MESSAGE}\n{SEPARATOR}{MESSAGE}")
    assert [(row["message"], row["recipient"]) for row in events(tmp_path / "box")] == [
        (number, "bob@example.org") for number in (1, 2, 3)
    ]


def test_a_long_message_of_an_mbox_file_is_cut_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "box").write_text(f"{SEPARATOR}X: y\n\n{'x' * 300_000}\n\n{SEPARATOR}{MESSAGE}")
    found = list(messages_of(str(tmp_path / "box"), 100_000))
    assert [number for _, number, _ in found] == [1, 2]
    assert len(found[0][2]) == 100_000


def test_a_maildir_is_read_new_and_old(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.1").write_text(MESSAGE)
    rows = events(tmp_path)
    assert [Path(row["file"]).parent.name for row in rows] == ["new", "cur"]


def test_compressed_mail_is_read(tmp_path: Path) -> None:
    (tmp_path / "box.gz").write_bytes(gzip.compress(f"{SEPARATOR}{MESSAGE}\n{SEPARATOR}{MESSAGE}".encode()))
    assert len(events(tmp_path / "box.gz")) == 2


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_mail_is_known_by_its_content(path: Path) -> None:
    assert is_message(str(path))


@pytest.mark.parametrize(
    "path", sorted(path for path in SAMPLES.parent.iterdir() if path.is_file()), ids=lambda p: p.name
)
def test_a_log_is_no_mail(path: Path) -> None:
    assert not is_message(str(path))


def test_the_command_tells_mail_from_logs(tmp_path: Path) -> None:
    mail, log = tmp_path / "mail", tmp_path / "log"
    shutil.copy(SAMPLES / "qmail.eml", mail)
    shutil.copy(SAMPLES.parent / "postfix.log", log)
    done = logbounce("parse", mail, log, cwd=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["kind"] for row in rows if row["file"] == str(mail)} == {"bounce"}
    assert "attempt" in {row["kind"] for row in rows if row["file"] == str(log)}


def test_a_file_that_is_not_there_fails_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text(MESSAGE)
    done = logbounce("parse", "--format", "dsn", "--json", tmp_path / "gone", tmp_path, tmp_path / "mail", cwd=tmp_path)
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 1
    assert f"{tmp_path / 'gone'}: cannot be read" in done.stderr
    assert f"{tmp_path}: is a directory; expected a Maildir folder" in done.stderr


def test_a_line_that_may_begin_a_message_takes_no_time(tmp_path: Path) -> None:
    mbox = tmp_path / "q.mbox"
    for line in (
        "From a " + "00:00 " * 40_000,
        "From a " + "00:00 2026x " * 20_000,
        "From " + "a 00:00 2026x" * 20_000,
    ):
        mbox.write_text(f"{SEPARATOR}{MESSAGE}\n{line}\n\nx\n{line}\n")
        start = time.process_time()
        assert len(list(messages_of(str(mbox), 10_000_000))) == 1
        mbox.write_text(f"{line}\n\nx\n")
        is_message(str(mbox))
        assert time.process_time() - start < SECONDS
