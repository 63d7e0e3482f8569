"""`logbounce status`."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect, schema
from logbounce.errors import Exit
from tests.unit.cli.command import logbounce
from tests.unit.cli.rows import insert
from tests.unit.ingest.following import message, messages
from tests.unit.ingest.logs import START, arrival, expired
from tests.unit.ingest.logs import attempt as attempt_line

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
    known["relay_ip"] = "192.0.2.9"
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
    assert "mail.log     postfix  rfc3164          10         1      3         2             2026-11-20T" in shown
    assert "not understood in mail.log at 40 (no status):\n  first\n" in shown
    assert 'logbounce query "from unparsed_lines"' in shown


def test_the_attempts_of_the_sources_are_those_of_the_heading(tmp_path: Path) -> None:
    suspended = "delivery temporarily suspended: connect to mx.example.org[192.0.2.1]:25: Connection timed out"
    first = [
        *arrival(0, "4TX001"),
        *(attempt_line(1, "4TX001", f"{name}@example.org", "deferred", "lost connection") for name in "ab"),
        attempt_line(2, "4TX001", "a@example.org", "deferred", suspended),
        expired(3, "4TX001"),
    ]
    # What two hosts' syslogs have in common is stored once.
    second = [*first[:3], *arrival(10, "4TX002"), attempt_line(11, "4TX002", "c@example.org")]
    for name, lines in (("a.log", first), ("b.log", second)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    assert logbounce("ingest", "a.log", "b.log", cwd=tmp_path).returncode == Exit.OK
    found = status(tmp_path)
    assert {source["source_name"]: source["attempts"] for source in found["sources"]} == {"a.log": 4, "b.log": 1}
    assert found["totals"]["attempts"] == 5
    assert "5 attempts\n" in logbounce("status", cwd=tmp_path).stdout.splitlines(keepends=True)[0]


def test_a_long_line_that_was_not_understood_is_cut_and_says_so(home: Path) -> None:
    with open_database(home) as connection:
        insert(connection, "sources", source_name="mail.log", unparsed=1)
        insert(connection, "unparsed_lines", source_name="mail.log", line="x" * 201)
    assert f"\n  {'x' * 200}…\n" in logbounce("status", cwd=home).stdout


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


def test_what_stayed_on_the_machine_needs_no_address(home: Path) -> None:
    with open_database(home) as connection:
        attempt(connection, 0, instance="local", relay_ip=None, relay_host="local")
        attempt(connection, 1, instance="maildir", relay_ip=None, outcome="deferred")
        attempt(connection, 2, instance="smtp", relay_ip=None, outcome="deferred", smtp_stage="connect")
    found = status(home)
    assert [row["instance"] for row in found["instances_without_ip"]] == ["smtp"]
    assert found["notes"][0].startswith("1 of 3 attempts have no source_ip")


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


SETTINGS = "sources: [{name: mx1, format: postfix, path: mail.log}]\n"


@pytest.fixture
def followed(tmp_path: Path) -> Path:
    """Return a folder in which a log was read that is all of one day old."""
    (tmp_path / "logbounce.yaml").write_text(SETTINGS)
    (tmp_path / "mail.log").write_text(messages(0, 1))
    assert logbounce("tail", "--once", cwd=tmp_path).returncode == Exit.OK
    return tmp_path


def lag(home: Path) -> tuple[int | None, float | None]:
    (source,) = json.loads(logbounce("status", "--json", cwd=home).stdout)["sources"]
    return source["lag_bytes"], source["lag_seconds"]


def append(home: Path, text: str) -> None:
    with (home / "mail.log").open("a") as log:
        log.write(text)


def test_a_log_that_is_all_read_is_not_behind(followed: Path) -> None:
    assert lag(followed) == (0, 0.0)
    assert logbounce("status", "--max-lag", "1", cwd=followed).returncode == Exit.OK


def test_what_was_written_and_not_read_is_how_far_it_is_behind(followed: Path) -> None:
    append(followed, message(2))
    behind, seconds = lag(followed)
    assert behind == len(message(2))
    age = (dt.datetime.now(dt.UTC).replace(tzinfo=None) - START.replace(second=12)).total_seconds()
    assert seconds == pytest.approx(age, abs=60)
    assert logbounce("status", cwd=followed).returncode == Exit.OK
    late = logbounce("status", "--max-lag", "1", cwd=followed)
    assert late.returncode == Exit.NO
    assert re.search(rf"^mx1: \d+ seconds behind its log, {behind} bytes are not read$", late.stdout, re.MULTILINE)
    calm = logbounce("status", "--max-lag", f"{age + 1000:.0f}", cwd=followed)
    assert calm.returncode == Exit.OK
    assert "behind its log" not in calm.stdout
    assert logbounce("status", "--max-lag", "-1", cwd=followed).returncode == Exit.USAGE
    assert logbounce("tail", "--once", cwd=followed).returncode == Exit.OK
    assert logbounce("status", "--max-lag", "1", cwd=followed).returncode == Exit.OK


def test_a_log_that_was_rotated_and_not_followed_is_behind(followed: Path) -> None:
    """Nobody follows it any more, and the rotation goes on."""
    (followed / "mail.log").rename(followed / "mail.log.1")
    append(followed, "")
    assert lag(followed) == (0, 0.0)
    append(followed, messages(2, 3))
    assert lag(followed)[0] == len(messages(2, 3))
    assert logbounce("status", "--max-lag", "1", cwd=followed).returncode == Exit.NO


def test_a_log_that_was_emptied_in_place_is_behind(followed: Path) -> None:
    (followed / "mail.log").write_text(message(2))
    assert lag(followed)[0] == len(message(2))


def test_what_cannot_be_measured_is_not_measured(followed: Path) -> None:
    (followed / "mail.log").unlink()
    assert lag(followed) == (None, None)
    assert logbounce("status", "--max-lag", "1", cwd=followed).returncode == Exit.OK


def test_a_source_of_which_nothing_was_read_is_named(followed: Path) -> None:
    other = ", {name: mx2, format: postfix, path: other.log}]"
    (followed / "logbounce.yaml").write_text(SETTINGS.replace("]", other))
    assert "mx2: nothing of it has been read yet" in logbounce("status", cwd=followed).stdout


@pytest.fixture
def lossy(followed: Path) -> Path:
    """Return the folder after lines were lost."""
    (followed / "mail.log").write_text(message(2))
    assert logbounce("tail", "--once", cwd=followed).returncode == Exit.NO
    return followed


def test_what_was_lost_is_told_until_a_person_takes_note(lossy: Path) -> None:
    for arguments in ((), ("--json",), ("--csv",)):
        assert logbounce("status", *arguments, cwd=lossy).returncode == Exit.NO
    shown = logbounce("status", cwd=lossy).stdout
    lost = f"lost: mx1: {lossy}/mail.log was rotated away, deleted or emptied before it was read to its end"
    assert f"{lost}: what came after byte {len(messages(0, 1))} cannot be had" in shown
    assert "(the last line that was read is of 2026-11-20 10:00:12 UTC)" in shown
    (gap,) = json.loads(logbounce("status", "--json", cwd=lossy).stdout)["gaps"]
    assert (gap["source_name"], gap["from_position"], gap["to_position"]) == ("mx1", len(messages(0, 1)), None)
    done = logbounce("status", "--accept-gaps", cwd=lossy)
    assert (done.returncode, "lost: " in done.stdout) == (Exit.OK, False)
    assert logbounce("status", "--json", cwd=lossy).returncode == Exit.OK


def test_a_gap_that_was_accepted_stays_on_record(lossy: Path) -> None:
    logbounce("status", "--accept-gaps", cwd=lossy)
    with open_database(lossy) as connection:
        (row,) = connection.execute("select path, accepted_at >= found_at from source_gaps").fetchall()
    assert row == (str(lossy / "mail.log"), True)
    (lossy / "mail.log").write_text(message(3) + message(4))
    logbounce("tail", "--once", cwd=lossy)
    assert len(json.loads(logbounce("status", "--json", cwd=lossy).stdout)["gaps"]) == 1


def test_a_log_that_was_read_as_two_formats_says_both(home: Path) -> None:
    with open_database(home) as connection:
        for name in ("postfix", "exim"):
            insert(
                connection, "sources", source_name="mail.log", path="mail.log", format=name, lines_read=5, attempts=1
            )
    (source,) = status(home)["sources"]
    assert (source["format"], source["lines_read"]) == ("exim, postfix", 10)
