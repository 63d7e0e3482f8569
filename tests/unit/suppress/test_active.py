from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect, memory
from logbounce.escalate import escalate
from logbounce.suppress import is_suppressed, listing
from tests.unit.escalate.histories import Attempt, after, bounced, complain, policy, store

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

SOFT = "3 soft bounces between 2026-03-01 12:00:00 and 2026-03-01 14:00:00 UTC"


def decide(connection: DuckDBPyConnection, action: str, address: str, stream: str = "") -> None:
    connection.execute(
        "insert into suppression_ledger (decided_at, action, address, stream, reason) "
        "values ($1, $2, $3, $4, 'manual')",
        [after(0), action, address, stream],
    )


@pytest.mark.parametrize(
    ("history", "active"),
    [
        ([], []),
        ([("suppress", "")], [""]),
        ([("suppress", ""), ("release", "")], []),
        ([("suppress", ""), ("release", ""), ("suppress", "")], [""]),
        ([("suppress", "bulk"), ("suppress", "")], ["", "bulk"]),
        ([("suppress", "bulk"), ("suppress", ""), ("release", "bulk")], [""]),
        ([("suppress", "bulk"), ("suppress", ""), ("release", "")], []),
        ([("release", ""), ("suppress", "bulk")], ["bulk"]),
        ([("suppress", ""), ("suppress", "")], [""]),
    ],
)
def test_the_newest_row_of_an_address_and_stream_decides(history: list[tuple[str, str]], active: list[str]) -> None:
    connection = memory()
    for number, (action, stream) in enumerate(history):
        decide(connection, action, ["ann@x.example", "Ann@X.example"][number % 2], stream)
    decide(connection, "suppress", "bob@x.example", "other")
    assert [row.stream for row in listing(connection) if row.address.lower() == "ann@x.example"] == active
    assert (is_suppressed(connection, "ANN@x.example") is not None) == bool(active)
    assert is_suppressed(connection, "bob@x.example") is not None
    assert is_suppressed(connection, "zoe@x.example") is None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("suppress") / "logbounce.duckdb"
    with connect(file) as connection:
        policy(connection, "", None, "standard")
        store(connection, [bounced(after(0), recipient="Gone@x.example", category="bad-mailbox")])
        store(
            connection,
            [Attempt(after(hours), recipient="full@x.example", category="mailbox-full") for hours in range(3)],
        )
        complain(connection, after(1), recipient="=angry\x1b[2J@x.example")
        escalate(connection)
        decide(connection, "suppress", "hand@x.example", "bulk")
    return file


def run(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logbounce", "suppress", *arguments, "--db", str(database)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("GONE@x.example", "1 hard bounce at 2026-03-01 12:00:00 UTC (bad-mailbox, rule rule-H, policy standard)"),
        ("full@x.example", f"{SOFT} (mailbox-full, rule rule-S3, policy standard)"),
        ("=angry\x1b[2J@x.example", "complaint at 2026-03-01 13:00:00 UTC (feedback)"),
    ],
)
def test_check_says_why(database: Path, address: str, says: str) -> None:
    done = run(database, "check", address)
    assert (done.returncode, done.stderr) == (0, "")
    shown, _, why = done.stdout.rstrip("\n").partition(": suppressed: ")
    assert (shown.lower(), why) == (address.lower().replace("\x1b", "\\x1b"), says)


def test_check_names_the_stream(database: Path) -> None:
    done = run(database, "check", "hand@x.example")
    assert done.stdout == "hand@x.example: suppressed for the stream bulk: manual, 2026-03-01 12:00 UTC\n"


def test_check_of_another_address_exits_1(database: Path) -> None:
    done = run(database, "check", "good@x.example")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "good@x.example: not suppressed\n")


@pytest.mark.parametrize("given", ["", " ", "@x.example", "good@"])
def test_check_of_no_address_does_not_say_that_it_may_be_mailed(database: Path, given: str) -> None:
    done = run(database, "check", given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected one such as ann@example.org" in done.stderr


def test_check_as_json(database: Path) -> None:
    done = run(database, "check", "gone@x.example", "--json")
    assert json.loads(done.stdout)["because"]["reason"] == "hard"
    done = run(database, "check", "good@x.example", "--json")
    assert (done.returncode, json.loads(done.stdout)["suppressed"]) == (1, False)


def test_list(database: Path) -> None:
    lines = run(database, "list").stdout.splitlines()
    assert lines[0].split() == ["address", "stream", "reason", "category", "bounces", "last_evidence"]
    assert [line.split()[0] for line in lines[1:]] == [
        "=angry\\x1b[2J@x.example",
        "full@x.example",
        "Gone@x.example",
        "hand@x.example",
    ]
    found = json.loads(run(database, "list", "--json").stdout)
    assert [row["reason"] for row in found] == ["complaint", "soft", "hard", "manual"]
    assert run(database, "list", "--csv").stdout.splitlines()[1].startswith("'=angry\\x1b[2J@x.example,,complaint,")
