"""`logbounce status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect, schema
from tests.unit.cli.command import logbounce
from tests.unit.cli.rows import insert

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection


@pytest.fixture
def home(tmp_path: Path) -> Path:
    connect(tmp_path / "logbounce.duckdb").close()
    return tmp_path


def open_database(home: Path) -> DuckDBPyConnection:
    return connect(home / "logbounce.duckdb")


def attempt(connection: DuckDBPyConnection, number: int, **values: object) -> None:
    known = {"mta": "postfix", "recipient": "a@example.org", "outcome": "delivered", "source_name": "mail.log"}
    insert(connection, "attempt_rows", **{**known, "attempt_id": number, "delivery_id": number, **values})


def status(home: Path) -> dict[str, Any]:
    done = logbounce("status", "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def notes(home: Path) -> str:
    return "\n".join(status(home)["notes"])


def test_an_empty_database_has_nothing_to_say(home: Path) -> None:
    found = status(home)
    assert (found["database"], found["sources"], found["notes"]) == ("logbounce.duckdb", [], [])
    assert found["totals"]["schema_version"] == schema.newest()
    assert found["database_bytes"] == (home / "logbounce.duckdb").stat().st_size


def test_what_each_source_gave(home: Path) -> None:
    with open_database(home) as connection:
        insert(
            connection, "sources",
            source_name="mail.log", path="/var/log/mail.log", format="postfix", carrier="rfc3164",
            position=900, lines_read=10, attempts=5, noise=3, unparsed=2, last_time="2026-11-20 10:00:00",
        )  # fmt: skip
        insert(connection, "unparsed_lines", source_name="mail.log", source_offset=80, reason="no status", line="later")
        insert(connection, "unparsed_lines", source_name="mail.log", source_offset=40, reason="no status", line="first")
        attempt(connection, 1, source_ip="192.0.2.1")
    source = status(home)["sources"][0]
    assert (source["path"], source["position"], source["noise"], source["last_time"]) == (
        "/var/log/mail.log",
        900,
        3,
        "2026-11-20T10:00:00",
    )
    assert source["unparsed_example"] == {"source_offset": 40, "reason": "no status", "line": "first"}
    shown = logbounce("status", cwd=home).stdout
    assert "mail.log     postfix  rfc3164          10         5      3         2             2026-11-20T" in shown
    assert "not understood in mail.log at 40 (no status):\n  first\n" in shown
    assert 'logbounce query "from unparsed_lines"' in shown


def test_instances_without_an_address_are_named_with_the_way_to_map_them(home: Path) -> None:
    with open_database(home) as connection:
        for number in range(3):
            attempt(connection, number, instance="postfix-ip1")
        attempt(connection, 3, instance="postfix-ip2")
        attempt(connection, 4, instance="postfix-ip3", source_ip="192.0.2.1")
        attempt(connection, 5, instance="filter", outcome="relayed")
    found = status(home)
    assert found["instances_without_ip"] == [
        {"mta": "postfix", "instance": "postfix-ip1", "attempts": 3},
        {"mta": "postfix", "instance": "postfix-ip2", "attempts": 1},
    ]
    (note,) = found["notes"]
    assert note.startswith(
        "4 of 6 attempts have no source_ip: say in logbounce.yaml which IP each instance sends from: "
    )
    assert note.endswith("source_ips: {postfix-ip1: IP, postfix-ip2: IP}")


def test_many_instances_are_counted(home: Path) -> None:
    with open_database(home) as connection:
        for number in range(7):
            attempt(connection, number, instance=f"ip{number}")
    assert "source_ips: {ip0: IP, ip1: IP, ip2: IP, ip3: IP, ip4: IP} and 2 more" in notes(home)


def test_attempts_without_an_instance_cannot_be_mapped(home: Path) -> None:
    with open_database(home) as connection:
        attempt(connection, 1)
    assert notes(home) == "1 of 1 attempts have no source_ip, and no instance name to map to one"


@pytest.mark.parametrize(
    ("mta", "outcome", "told"),
    [("powermta", "bounced", True), ("powermta", "deferred", False), ("postfix", "bounced", False)],
)
def test_invisible_deferrals_are_told(home: Path, mta: str, outcome: str, told: bool) -> None:  # noqa: FBT001
    with open_database(home) as connection:
        insert(connection, "sources", source_name="acct.csv", path="acct.csv", format=mta, attempts=1)
        attempt(connection, 1, mta=mta, outcome=outcome, source_name="acct.csv", source_ip="192.0.2.1")
    assert ("deferrals are invisible" in notes(home)) == told
    assert status(home)["sources"][0]["deferrals_invisible"] == told


@pytest.mark.parametrize(("category", "told"), [(None, True), ("undetermined", True), ("bad-mailbox", False)])
def test_responses_that_no_rule_knows_are_counted(home: Path, category: str | None, told: bool) -> None:  # noqa: FBT001
    with open_database(home) as connection:
        insert(connection, "response_templates", template_id=7, template="550 no", sample="550 no", category=category)
        attempt(connection, 1, template_id=7, outcome="bounced", source_ip="192.0.2.1")
    assert ("unexplained responses: 1: " in notes(home)) == told
