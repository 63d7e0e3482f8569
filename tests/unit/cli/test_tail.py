"""`logbounce tail`: what it follows, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect
from logbounce.errors import Exit, LockedError
from tests.conftest import ROOT
from tests.unit.cli.command import environment as _environment
from tests.unit.cli.command import fails, logbounce
from tests.unit.cli.service import Service, until
from tests.unit.ingest.following import HARD, message, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONFIG = "timezone: UTC\nsources: [{name: mx1, format: postfix, path: mail.log}]\n"
FAST = ("--commit-seconds", "0.05")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "logbounce.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def begin(*arguments: str) -> Service:
        started.append(Service(home, *FAST, *arguments))
        return started[-1]

    yield begin
    for service in started:
        service.close()


def recipients(home: Path) -> list[str]:
    if not (home / "logbounce.duckdb").exists():
        return []
    try:
        with connect(home / "logbounce.duckdb", read_only=True) as connection:
            rows = connection.execute("select recipient[2:-13] from attempts order by event_time").fetchall()
    except LockedError:  # in mid-commit
        return []
    return [row[0] for row in rows]


def stored(home: Path, *numbers: int) -> None:
    """Wait until these messages are stored, and no others."""
    expected = [str(number) for number in numbers]
    until(lambda: recipients(home) == expected, f"stored: {expected}")


def append(home: Path, text: str) -> None:
    with (home / "mail.log").open("a") as log:
        log.write(text)


def test_once_says_nothing_if_all_is_well(home: Path) -> None:
    append(home, messages(0, 1))
    for _ in range(2):
        done = logbounce("tail", "--once", cwd=home)
        assert (done.returncode, done.stdout, done.stderr) == (Exit.OK, "", "")
    assert recipients(home) == ["0", "1"]


def test_a_commit_does_not_touch_the_file_and_the_end_brings_all_into_it(
    home: Path, start: Callable[..., Service]
) -> None:
    append(home, messages(0))
    service = start()
    stored(home, 0)
    before = (home / "logbounce.duckdb").read_bytes()
    append(home, messages(1))
    stored(home, 0, 1)
    assert (home / "logbounce.duckdb").read_bytes() == before, "kill -9 in the middle of a checkpoint can damage it"
    service.signal(signal.SIGTERM)
    assert service.ended() == Exit.OK
    assert [path.name for path in home.glob("*.wal*")] == []
    assert recipients(home) == ["0", "1"]


def test_once_says_with_its_exit_code_that_lines_were_lost(home: Path) -> None:
    append(home, messages(0, 1))
    logbounce("tail", "--once", cwd=home)
    (home / "mail.log").write_text(message(2))
    said = fails(logbounce("tail", "--once", cwd=home), Exit.NO)
    assert said.startswith(f"{home}/mail.log: was rotated away, deleted or emptied before it was read to its end: ")
    assert logbounce("tail", "--once", cwd=home).returncode == Exit.OK


def test_once_says_with_its_exit_code_that_a_file_could_not_be_read(home: Path) -> None:
    append(home, message(0))
    (home / "mail.log.1.gz").write_bytes(b"\x1f\x8b broken")
    said = fails(logbounce("tail", "--once", cwd=home), Exit.INPUT)
    assert said.startswith(f"{home}/mail.log.1.gz: ")
    assert recipients(home) == ["0"]


def test_a_log_without_permission(home: Path) -> None:
    append(home, message(0))
    (home / "mail.log").chmod(0)
    said = fails(logbounce("tail", "--once", cwd=home, ordinary=True), Exit.INPUT)
    assert said == f"{home}/mail.log: cannot be read: Permission denied\n".removesuffix("\n")


def test_a_log_that_is_not_there_yet_is_told_and_no_failure(home: Path) -> None:
    done = logbounce("tail", "--once", cwd=home)
    assert (done.returncode, done.stderr) == (
        Exit.OK,
        f"logbounce: {home}/mail.log: is not there: it is read when it comes\n",
    )


def commits(printed: str) -> list[dict[str, Any]]:
    """Return what `tail --json` says of each commit, less the time."""
    found = [json.loads(line) for line in printed.splitlines()]
    assert all(commit.pop("committed_at") for commit in found)
    return found


def test_json_has_a_line_for_each_commit(home: Path) -> None:
    text = message(0) + message(1, "bounced", HARD)
    append(home, text)
    done = logbounce("tail", "--once", "--json", cwd=home)
    assert (done.returncode, done.stderr) == (Exit.OK, "")
    place = {"source_name": "mx1", "file": f"{home}/mail.log", "format": "postfix", "carrier": "iso8601"}
    counts = {"lines": 8, "attempts": 2, "new": 2, "unparsed": 0, "noise": 0}
    (commit,) = commits(done.stdout)
    assert commit == {"sources": [{**place, "position": len(text), **counts}], "mailboxes": [], "suppressed": 1}
    done = logbounce("tail", "--once", "--json", cwd=home)
    assert (done.returncode, done.stdout, done.stderr) == (Exit.OK, "", "")


def test_json_is_printed_when_it_is_stored(home: Path, start: Callable[..., Service]) -> None:
    service = start("--json")
    for number in range(2):
        append(home, message(number))
        (commit,) = commits(service.printed())
        assert commit["sources"][0]["position"] == len(messages(*range(number + 1)))
        assert recipients(home)[-1:] == [str(number)]
    service.signal(signal.SIGTERM)
    assert (service.ended(), service.said) == (Exit.OK, "")


def test_json_has_the_last_line_of_a_file_that_was_rotated_away(home: Path) -> None:
    (home / "mail.log.1").write_text(messages(0) + message(1, "bounced", HARD)[:-1].rpartition("\n")[0])
    append(home, message(2))
    found = commits(logbounce("tail", "--once", "--json", cwd=home).stdout)
    assert sum(source["lines"] for commit in found for source in commit["sources"]) == 11
    assert sum(source["new"] for commit in found for source in commit["sources"]) == 3
    assert recipients(home) == ["0", "1", "2"]


def test_json_confirms_standard_input(home: Path) -> None:
    (home / "logbounce.yaml").unlink()
    found = commits(logbounce("tail", "-", "--json", cwd=home, text=messages(0, 1)).stdout)
    assert found[-1]["sources"][0]["position"] == len(messages(0, 1))
    assert found[-1]["sources"][0]["source_name"] == "standard input"


def test_json_has_the_mailboxes(home: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (home / "md" / part).mkdir(parents=True)
    shutil.copy(ROOT / "sample_logs/messages/qmail.eml", home / "md/cur/1.eml")
    (home / "md/cur/2.eml").write_text("From: ann@example.org\nSubject: hello\n\nhow are you?\n")
    (home / "logbounce.yaml").write_text("mailboxes: [{name: bounces, protocol: maildir, path: md, trust: any}]\n")
    (commit,) = commits(logbounce("tail", "--once", "--json", cwd=home).stdout)
    counts = {"messages": 2, "reports": 2, "unreadable": 0, "left_out": 0}
    assert commit == {"sources": [], "mailboxes": [{"mailbox": "bounces", **counts}], "suppressed": 2}
    (fetched,) = json.loads(logbounce("fetch", "--json", "--db", "fetched.duckdb", cwd=home).stdout)
    assert {name: fetched[name] for name in counts} == counts


def test_settings_without_sources(home: Path) -> None:
    (home / "logbounce.yaml").write_text("timezone: UTC\n")
    said = fails(logbounce("tail", cwd=home), Exit.SETTINGS)
    assert said == "logbounce.yaml: names no source to follow: add `sources:` (`logbounce init` finds them)"
    (home / "logbounce.yaml").unlink()
    said = fails(logbounce("tail", cwd=home), Exit.SETTINGS)
    assert said == "there is no logbounce.yaml, which names what to follow: `logbounce init` writes one"


@pytest.mark.parametrize(
    "arguments", [("mail.log",), ("--commit-lines", "0"), ("--commit-seconds", "-1"), ("--commit-seconds", "x")]
)
def test_command_lines_that_mean_nothing(home: Path, arguments: tuple[str, ...]) -> None:
    done = logbounce("tail", *arguments, cwd=home)
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")


def test_standard_input_is_confirmed_by_the_byte(home: Path) -> None:
    (home / "logbounce.yaml").unlink()
    done = logbounce("tail", "-", cwd=home, text=messages(0, 1))
    assert (done.returncode, done.stderr) == (Exit.OK, "")
    assert [int(line) for line in done.stdout.splitlines()][-1] == len(messages(0, 1))
    assert recipients(home) == ["0", "1"]


def test_standard_input_that_is_no_log(home: Path) -> None:
    said = fails(logbounce("tail", "-", cwd=home, text="good morning\n"), Exit.INPUT)
    assert said.startswith("standard input:1: not understood: 'good morning'; expected one of ")


def test_standard_input_of_a_named_format(home: Path) -> None:
    account = "type,timeLogged,rcpt,orig\nd,2026-11-20 10:00:00+0000,r7@example.org,news@sender.example\n"
    assert logbounce("tail", "-", "--format", "powermta", cwd=home, text=account).returncode == Exit.OK
    assert recipients(home) == ["7"]


def test_a_variable_that_is_no_number(home: Path) -> None:
    variables = {"LOGBOUNCE_LOCK_WARNING_SECONDS": "soon"}
    line = fails(logbounce("tail", "--once", cwd=home, variables=variables), Exit.SETTINGS)
    assert line == "LOGBOUNCE_LOCK_WARNING_SECONDS: expected a number of seconds, not 'soon'"


def test_each_part_of_standard_input_is_confirmed_when_it_is_stored(home: Path, start: Callable[..., Service]) -> None:
    service = start("-")
    for number in range(3):
        service.write(message(number))
        assert service.confirmed() == len(messages(*range(number + 1)))
        assert recipients(home)[-1:] == [str(number)]
    service.signal(signal.SIGTERM)
    assert service.ended() == Exit.OK


def test_it_follows_and_tells_systemd_how_it_is(home: Path, start: Callable[..., Service]) -> None:
    append(home, message(0))
    service = start()
    assert service.told("READY=1") == []
    stored(home, 0)
    append(home, message(1, "bounced", HARD))
    stored(home, 0, 1)
    assert set(service.told("WATCHDOG=1")) <= {"WATCHDOG=1"}
    service.signal(signal.SIGTERM)
    assert set(service.told("STOPPING=1")) <= {"WATCHDOG=1"}
    assert (service.ended(), service.said) == (Exit.OK, "")
    assert (
        logbounce("suppress", "check", "r1@example.org", cwd=home).returncode
        != logbounce("suppress", "check", "r0@example.org", cwd=home).returncode
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, Exit.OK), (signal.SIGINT, 130)])
def test_a_signal_ends_it(home: Path, start: Callable[..., Service], number: signal.Signals, code: int) -> None:
    append(home, message(0))
    service = start()
    service.told("READY=1")
    service.signal(number)
    assert (service.ended(), service.said) == (code, "")
    stored(home, 0)
    again = start()
    again.told("READY=1")
    again.signal(number)
    assert again.ended() == code


def test_a_signal_ends_it_while_it_waits_for_the_database(home: Path, start: Callable[..., Service]) -> None:
    append(home, message(0))
    with connect(home / "logbounce.duckdb"):
        service = start()
        service.told("WATCHDOG=1")  # it is well, and waits
        service.signal(signal.SIGTERM)
        assert (service.ended(), service.said) == (Exit.OK, "")
    logbounce("tail", "--once", cwd=home)
    assert recipients(home) == ["0"]


def test_new_settings_are_read_at_a_signal(home: Path, start: Callable[..., Service]) -> None:
    append(home, message(0))
    service = start()
    stored(home, 0)
    (home / "other.log").write_text(message(1))
    (home / "logbounce.yaml").write_text(CONFIG.replace("]", ", {name: mx2, format: postfix, path: other.log}]"))
    service.signal(signal.SIGHUP)
    service.told("RELOADING=1")
    assert set(service.told("READY=1")) <= {"WATCHDOG=1"}
    assert service.said == "logbounce: settings and rules were read again\n"
    stored(home, 0, 1)
    append(home, message(2))
    stored(home, 0, 1, 2)


BAD = {
    "sources: [{name: mx1, format: nonsense, path: mail.log}]\n": "unknown format 'nonsense'",
    f"database: elsewhere.duckdb\n{CONFIG}": "another database: start again to use it",
    f"rules: none.yaml\n{CONFIG}": "none.yaml",
}


@pytest.mark.parametrize("bad", BAD, ids=["format", "database", "rules"])
def test_settings_that_do_not_load_change_nothing(home: Path, start: Callable[..., Service], bad: str) -> None:
    append(home, message(0))
    service = start()
    stored(home, 0)
    (home / "logbounce.yaml").write_text(bad)
    service.signal(signal.SIGHUP)
    service.says("; the settings and rules stay as they were\n")
    assert BAD[bad] in service.said
    assert service.said.count("\n") == 1
    append(home, message(1))
    stored(home, 0, 1)
    service.signal(signal.SIGTERM)
    assert service.ended() == Exit.OK


def test_what_was_read_before_a_signal_is_stored_though_the_database_was_held(
    home: Path, start: Callable[..., Service]
) -> None:
    append(home, message(0))
    service = start()
    stored(home, 0)
    with connect(home / "logbounce.duckdb"):
        append(home, message(1))
        service.told("WATCHDOG=1")
        (home / "logbounce.yaml").write_text("rubbish: yes\n")
        service.signal(signal.SIGHUP)
    service.says("stay as they were")
    append(home, message(2))
    stored(home, 0, 1, 2)


def test_standard_input_has_no_settings_to_read_again(start: Callable[..., Service]) -> None:
    service = start("-")
    service.write(message(0))
    assert service.confirmed() == len(message(0))
    service.signal(signal.SIGHUP)
    service.says("standard input is read: start again to use new settings; the settings and rules stay as they were")
    service.write(message(1))
    assert service.confirmed() == len(messages(0, 1))


def test_what_it_confirmed_is_there_after_it_was_killed(home: Path, start: Callable[..., Service]) -> None:
    service = start("-")
    service.write(messages(0, 1))
    assert service.confirmed() > 0
    os.kill(service.process.pid, signal.SIGKILL)
    service.ended()
    assert recipients(home) == ["0", "1"]


def test_a_warning_names_who_holds_the_database(
    home: Path, start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.unit.cli.service.environment",
        lambda *given: {**_environment(*given), "LOGBOUNCE_LOCK_WARNING_SECONDS": "0.1"},
    )
    append(home, message(0))
    with connect(home / "logbounce.duckdb"):
        service = start()
        service.says("nothing is lost\n")
        assert f"PID {os.getpid()}" in service.said
    stored(home, 0)
    assert service.said.count("\n") == 1
