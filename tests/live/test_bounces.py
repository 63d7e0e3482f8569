"""The bounces that a real Postfix and a real Exim write meet the lines of their own logs: nothing is counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.live.cases import PROBES
from tests.live.program import Row, ingest, logbounce, query

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.dovecot import Dovecot

COUNTED = (
    "select * exclude (source_name, source_offset) from attempts order by all",
    "select * exclude (source_name, source_offset) from outcomes order by all",
    "select * exclude (number, decided_at) from suppression_ledger order by all",
    "from complaints order by all",
)
REPORTS = "select * from dsn_reports where kind = 'bounce' order by all"


@pytest.fixture(scope="module", params=["postfix", "postfix-long-ids", "exim"])
def mail(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Return a log, and a Maildir with the reports that the same server wrote."""
    name = {"postfix": "postfix_log", "postfix-long-ids": "postfix_log_long_ids", "exim": "exim_log"}[request.param]
    log: Path = request.getfixturevalue(name)
    return log, log.parent / "mail" / "inbox"


def told(database: Path) -> list[list[Row]]:
    return [query(database, sql) for sql in COUNTED]


def unlinked(database: Path) -> list[Row]:
    """Return the reports that met no line, but for those on probes (`sendmail -bv`), which are no mail."""
    loose = [row for row in query(database, REPORTS) if not row["proved"] or row["attempt_id"] is None]
    return [row for row in loose if row["proved"] or row["final_recipient"] not in PROBES]


def failures(database: Path) -> set[tuple[str, str]]:
    """Return Message-ID and recipient of what failed and was not sent by nobody, to whom no report goes."""
    rows = query(database, "select * from outcomes where outcome in ('bounced', 'expired') and sender <> ''")
    return {(row["message_id"], row["recipient"].lower()) for row in rows}


def test_the_log_first_and_then_its_reports(mail: tuple[Path, Path], tmp_path: Path) -> None:
    log, maildir = mail
    database = tmp_path / "db"
    ingest(database, log)
    before = told(database)
    logbounce("fetch", "--db", database, maildir)
    assert told(database) == before
    assert len(query(database, REPORTS)) > 20
    assert unlinked(database) == []


def test_the_reports_first_and_then_the_log(mail: tuple[Path, Path], tmp_path: Path) -> None:
    log, maildir = mail
    ingest(tmp_path / "log-alone", log)
    database = tmp_path / "db"
    logbounce("fetch", "--db", database, maildir)
    assert query(database, "select * from attempts") == []
    ingest(database, log)
    assert told(database) == told(tmp_path / "log-alone")
    ingest(tmp_path / "log-first", log)
    logbounce("fetch", "--db", tmp_path / "log-first", maildir)
    assert query(database, REPORTS) == query(tmp_path / "log-first", REPORTS)


def test_the_reports_between_two_halves_of_the_log(mail: tuple[Path, Path], tmp_path: Path) -> None:
    log, maildir = mail
    ingest(tmp_path / "log-alone", log)
    text = log.read_bytes()
    cut = text.index(b"\n", len(text) // 2) + 1
    database = tmp_path / "db"
    for part, piece in (("head", text[:cut]), ("tail", text[cut:])):
        (tmp_path / part).write_bytes(piece)
    ingest(database, tmp_path / "head")
    logbounce("fetch", "--db", database, maildir)
    ingest(database, tmp_path / "tail")
    assert told(database) == told(tmp_path / "log-alone")


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_delivered_into_dovecot(
    mail: tuple[Path, Path], tmp_path: Path, dovecot: Dovecot, protocol: str, request: pytest.FixtureRequest
) -> None:
    log, maildir = mail
    user = f"{protocol}-{request.node.callspec.params['mail']}"
    for file in sorted(maildir.glob("new/*")):
        dovecot.deliver(user, file.read_bytes())
    database = tmp_path / "logbounce.duckdb"
    dovecot.configure(tmp_path, protocol, user, after="delete")
    ingest(database, log)
    before = told(database)
    for _ in range(2):
        logbounce("fetch", "--config", tmp_path / "logbounce.yaml")
        assert told(database) == before
    assert unlinked(database) == []


def test_every_failure_of_the_log_was_reported(mail: tuple[Path, Path], tmp_path: Path) -> None:
    """So the tests above speak of all of them; cases that ask for no report (NOTIFY=NEVER) are few."""
    log, maildir = mail
    database = tmp_path / "db"
    ingest(database, log)
    logbounce("fetch", "--db", database, maildir)
    linked = query(database, "select a.* from attempts a join dsn_reports r on a.attempt_id = r.attempt_id")
    assert len(failures(database) - {(row["message_id"], row["recipient"].lower()) for row in linked}) <= 5
