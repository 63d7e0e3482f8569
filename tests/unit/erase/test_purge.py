"""`logbounce purge`: what is older goes, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from logbounce.erase import purge
from tests.unit.cli.command import fails, logbounce
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import after, bounced, complain, delivered, policy, store

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

CUT = after(0)
TABLES = ("attempt_rows", "messages", "complaints", "unparsed_lines", "response_templates", "suppression_ledger")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "logbounce.duckdb"
    with connect(path) as connection:
        policy(connection, "", None, "standard")
        store(connection, [bounced(after(-1), category="only-old"), bounced(after(-1, seconds=1), category="both")])
        store(connection, [bounced(after(0), category="both"), delivered(after(1))])
        complain(connection, after(-1))
        complain(connection, after(1))
        for number in (-1, 1):
            insert(connection, "report_rows", report_id=number + 1, event_time=after(number))
            insert(connection, "report_messages", entry=str(number), read_at=after(number))
        insert(
            connection,
            "suppression_ledger",
            number=1,
            decided_at=after(-1),
            action="suppress",
            address="old@example.org",
            reason="hard",
        )
    return path


def counts(path: Path) -> dict[str, int]:
    with connect(path, read_only=True) as connection:
        return {table: connection.table(table).shape[0] for table in TABLES}


def times(connection: DuckDBPyConnection) -> list[dt.datetime]:
    found = connection.execute("select event_time from attempt_rows union all select event_time from complaints")
    return [time for (time,) in found.fetchall()]


def test_what_is_older_goes_and_suppressions_stay(database: Path) -> None:
    erased = dict(purge(database, CUT))
    assert erased == {
        "attempt_rows": 2,
        "messages": 0,
        "complaints": 1,
        "report_rows": 1,
        "unparsed_lines": 0,
        "response_templates": 1,
    }
    with connect(database) as connection:
        assert min(times(connection)) == CUT
        assert len(times(connection)) == 3
        # What is still in a mailbox is not to be read again.
        assert connection.execute("select count(*) from report_messages").fetchall() == [(2,)]
        assert connection.execute("select category from response_templates").fetchall() == [("both",)]
        assert connection.execute("select address from suppressions").fetchall() == [("old@example.org",)]
    assert [row.rows for row in purge(database, CUT)] == [0] * 6


def test_a_dry_run_counts_and_deletes_nothing(database: Path) -> None:
    before = counts(database)
    assert purge(database, CUT, dry_run=True) == purge(database, CUT, dry_run=True)
    assert counts(database) == before
    assert purge(database, CUT, dry_run=True) == purge(database, CUT)


MESSAGES = [
    ("closed before", after(-2), after(-1), None, False),
    ("closed since", after(-2), after(1), None, True),
    ("open, and nothing came of it", after(-2), None, None, False),
    ("open, and tried since", after(-2), None, after(1), True),
    ("begun since", after(1), None, None, True),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message[0])
def test_a_message_is_kept_as_long_as_its_lines_may_come(
    tmp_path: Path, message: tuple[str, dt.datetime, dt.datetime | None, dt.datetime | None, bool]
) -> None:
    queue_id, first, closed, tried, stays = message
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        insert(connection, "messages", host="mx1", queue_id=queue_id, first_time=first, closed_time=closed)
        if tried:
            insert(connection, "attempt_rows", host="mx1", queue_id=queue_id, event_time=tried)
    assert dict(purge(path, CUT))["messages"] == (0 if stays else 1)


# The newest line of the source is of 2026-11-22 12:00; kept is what is at most 100 or 400 days older.
LINES = [
    ("2026-11-01T10:00:00.5+01:00 mx1 postfix/smtp[7]: nsd=", 100, True),
    ("2026-07-01T10:00:00.5+01:00 mx1 postfix/smtp[7]: nsd=", 100, False),
    ("<22>1 2026-07-01T10:00:00Z mx1 postfix/smtp 7 - - nsd=", 100, False),
    ("2026-07-01 10:00:00 1tDabc-000000001aB-2xYz nonsense", 100, False),
    ('{"log":"nonsense","time":"2026-07-01T10:00:00Z"}', 100, False),
    ('{"type":"Nonsense","timestamp":1782900000}', 100, False),
    ('{"type":"Nonsense","timestamp":1795305600}', 100, True),
    ('{"__REALTIME_TIMESTAMP":"1782900000000000","MESSAGE":"x"}', 100, False),
    ("Nov 20 10:00:00 mx1 postfix/smtp[7]: nsd=", 100, True),
    ("Nov  1 10:00:00 mx1 postfix/smtp[7]: nsd=", 100, True),
    ("<22>Jul  1 10:00:00 mx1 postfix/smtp[7]: nsd=", 100, False),
    ("Nov 30 10:00:00 mx1 postfix/smtp[7]: nsd=", 100, False),  # of the year before
    ("Nov 30 10:00:00 mx1 postfix/smtp[7]: nsd=", 400, True),
    ("Nov 24 10:00:00 mx1 postfix/smtp[7]: nsd=", 400, False),  # in a year it would look new
    ("Nov 99 99:00:00 nonsense", 100, True),
    ("no time at all", 100, True),
]


@pytest.mark.parametrize(("line", "days", "stays"), LINES)
def test_a_line_that_was_not_understood_is_as_old_as_it_says(
    tmp_path: Path,
    line: str,
    days: int,
    stays: bool,  # noqa: FBT001 - a table
) -> None:
    path, newest = tmp_path / "x.duckdb", dt.datetime.fromisoformat("2026-11-22T12:00:00")
    with connect(path) as connection:
        insert(connection, "sources", source_name="mx1", last_time=newest)
        insert(connection, "unparsed_lines", line_id=1, source_name="mx1", line=line)
    assert dict(purge(path, newest - dt.timedelta(days=days)))["unparsed_lines"] == (0 if stays else 1)


def test_a_line_without_a_time_goes_when_its_source_has_been_quiet(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        insert(connection, "sources", source_name="mx1", last_time=after(-1))
        insert(connection, "unparsed_lines", line_id=1, source_name="mx1", line="no time at all")
    assert dict(purge(path, after(-2)))["unparsed_lines"] == 0
    assert dict(purge(path, CUT))["unparsed_lines"] == 1


def test_the_command(database: Path) -> None:
    done = logbounce("purge", "--keep", "1d", "--dry-run", "--json", cwd=database.parent)
    assert {row["table"]: row["rows"] for row in json.loads(done.stdout)}["attempt_rows"] == 4
    done = logbounce("purge", "--keep", "1d", "--csv", cwd=database.parent)
    assert (done.stdout.split()[:2], done.stderr) == (["table,rows", "attempt_rows,4"], "")
    assert "--keep 1m: expected a number of days" in fails(logbounce("purge", "--keep", "1m", cwd=database.parent), 2)
