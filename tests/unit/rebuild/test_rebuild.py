"""`logbounce rebuild`: what the logs tell and what only people know, or the database as it was."""

from __future__ import annotations

import datetime as dt
import gzip
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from logbounce.database import connect
from logbounce.erase import forget
from logbounce.errors import InputError
from logbounce.rebuild import logs_of
from logbounce.settings import Settings, Source
from tests.unit.cli.command import ROOT, environment, fails, logbounce
from tests.unit.ingest.bounces import dsn
from tests.unit.ingest.logs import START, arrival, attempt, removed

DAY = 86_400
HARD = "host mx[192.0.2.1] said: 550 5.1.1 user unknown (in reply to RCPT TO command)"
SETTINGS = "sources: [{name: mx1, format: postfix, path: mail.log}]\ntimezone: UTC\ndatabase: logbounce.duckdb\n"
DECIDE = (
    "insert into suppression_ledger (decided_at, action, address, stream, reason) values ($1, $2, $3, '', 'manual')"
)


def log(day: int, recipient: str) -> str:
    queue_id = f"4TX{day:03d}"
    lines = [
        *arrival(day * DAY, queue_id),
        attempt(day * DAY + 1, queue_id, recipient, "bounced", HARD),
        attempt(day * DAY + 1, queue_id, "fine@example.org"),
        removed(day * DAY + 2, queue_id),
    ]
    return "".join(f"{line}\n" for line in lines)


def decide(home: Path, action: str, address: str) -> None:
    with connect(home / "logbounce.duckdb") as connection:
        connection.execute(DECIDE, [START + dt.timedelta(days=10), action, address])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three days' logs, the oldest of which is gone, and a database that has read them all."""
    home = tmp_path_factory.mktemp("model")
    (home / "logbounce.yaml").write_text(SETTINGS)
    (home / "mail.log.2.gz").write_bytes(gzip.compress(log(0, "old@example.org").encode()))
    (home / "mail.log.1").write_text(log(1, "middle@example.org"))
    (home / "mail.log").write_text(log(2, "new@example.org"))
    done = logbounce("ingest", "mail.log.2.gz", "mail.log.1", "mail.log", cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    (home / "mail.log.2.gz").unlink()
    return home


@pytest.fixture
def home(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "home", copy_function=shutil.copy2))


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect(home / "logbounce.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def suppressed(home: Path) -> set[str]:
    return {address.split("@")[0] for (address,) in rows(home, "select address from suppressions")}


def rebuild(home: Path, *arguments: str) -> str:
    done = logbounce("rebuild", *arguments, cwd=home)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return done.stderr


def test_the_sources_of_the_settings_with_what_was_rotated_away(home: Path) -> None:
    rebuild(home)
    assert rows(home, "select recipient from attempts where outcome = 'bounced' order by event_time") == [
        ("middle@example.org",),
        ("new@example.org",),
    ]
    assert sorted(path.name for path in home.iterdir() if ".duckdb" in path.name) == [
        "logbounce.duckdb",
        "logbounce.duckdb.lock",
        "logbounce.duckdb.old",
    ]


def test_only_the_files_that_are_named(home: Path) -> None:
    rebuild(home, "mail.log")
    assert rows(home, "select distinct recipient from attempts where outcome = 'bounced'") == [("new@example.org",)]


def test_a_decision_whose_lines_are_gone_is_kept(home: Path) -> None:
    rebuild(home)
    assert suppressed(home) == {"old", "middle", "new"}
    assert rows(home, "select count(*) from suppression_ledger") == [(3,)]


def test_what_people_decided_is_kept_and_stands_as_it_stood(home: Path) -> None:
    decide(home, "suppress", "hand@example.org")
    decide(home, "release", "old@example.org")
    decide(home, "release", "NEW@example.org")
    decide(home, "release", "hand2@example.org")
    decide(home, "suppress", "hand2@example.org")
    before = suppressed(home)
    assert before == {"middle", "hand", "hand2"}
    rebuild(home)
    assert suppressed(home) == before
    rebuild(home)
    assert suppressed(home) == before
    assert rows(home, "select count(*) from suppression_ledger where reason = 'manual'") == [(5,)]


def test_what_rules_released_is_for_the_rules_of_the_rebuild_to_decide(home: Path) -> None:
    (home / "none.yaml").write_text("policy: {preset: limit, presets: {limit: {any_limit: 0, reset: total}}}\n")
    assert logbounce("rules", "apply", "--rules", "none.yaml", cwd=home).returncode == 0
    assert suppressed(home) == set()
    rebuild(home)
    assert suppressed(home) == {"middle", "new"}
    assert rows(home, "select count(*) from suppression_ledger where action = 'release'") == [(0,)]
    assert rows(home, "select count(*) from rule_versions") == [(0,)]


def test_a_decision_that_the_logs_do_not_bear_out_is_not_kept(home: Path) -> None:
    """Under other rules the lines that are still there may give another one."""
    (home / "lenient.yaml").write_text("policy: {preset: patient}\n")
    (home / "logbounce.yaml").write_text(SETTINGS + "rules: lenient.yaml\n")
    rebuild(home)
    assert suppressed(home) == {"old"}


def test_gaps_are_kept(home: Path) -> None:
    with connect(home / "logbounce.duckdb") as connection:
        insert = "insert into source_gaps values ('mx1', $1, $2, 'rotated away', 0, 10, null, $3)"
        connection.execute(insert, ["mail.log", START, START])
        connection.execute(insert, ["mail.log.1", START, None])
    before = rows(home, "from source_gaps order by path")
    rebuild(home)
    assert rows(home, "from source_gaps order by path") == before


def test_who_was_forgotten_stays_suppressed_and_one_is_told_to_forget_again(home: Path) -> None:
    forget(home / "logbounce.duckdb", "new@example.org")
    assert "1 addresses were forgotten, and what the logs say of them is back: forget them again" in rebuild(home)
    forget(home / "logbounce.duckdb", "new@example.org")
    assert logbounce("suppress", "check", "new@example.org", cwd=home).returncode == 0
    assert rows(home, "select count(*) from suppressions where starts_with(address, 'forgotten:')") == [(1,)]


def test_without_a_database_one_is_made(home: Path) -> None:
    (home / "logbounce.duckdb").unlink()
    assert rebuild(home) == ""
    assert suppressed(home) == {"middle", "new"}
    assert (home / "logbounce.duckdb").stat().st_mode & 0o777 == 0o600


def test_what_is_committed_and_not_yet_in_the_file_is_kept(home: Path) -> None:
    program = "import os, sys, duckdb; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os._exit(9)"
    sql = DECIDE.replace("$1, $2, $3", "now()::timestamp, 'suppress', 'hand@example.org'")
    subprocess.run((sys.executable, "-c", program, home / "logbounce.duckdb", sql), check=False)
    assert (home / "logbounce.duckdb.wal").exists()
    rebuild(home)
    assert suppressed(home) == {"old", "middle", "new", "hand"}
    assert not (home / "logbounce.duckdb.wal").exists()


def test_the_database_is_as_it_was_when_a_log_cannot_be_read(home: Path) -> None:
    whole = gzip.compress((log(1, "middle@example.org") * 20_000).encode())
    (home / "mail.log.1").write_bytes(whole[: len(whole) // 2])
    before = (home / "logbounce.duckdb").read_bytes()
    done = logbounce("rebuild", cwd=home)
    assert done.returncode == 3
    assert "mail.log.1: the compressed data is damaged or cut short" in done.stderr
    assert "nothing is rebuilt, and the database is as it was" in done.stderr
    assert (home / "logbounce.duckdb").read_bytes() == before
    assert not list(home.glob(".logbounce*"))


def test_a_database_of_something_else_is_not_replaced(home: Path) -> None:
    shutil.copy(home / "logbounce.duckdb", home / "other.duckdb")
    with connect(home / "other.duckdb") as connection:
        connection.execute("drop table meta")
    before = (home / "other.duckdb").read_bytes()
    assert "not one that logbounce made" in fails(logbounce("rebuild", "--db", "other.duckdb", cwd=home), 5)
    assert (home / "other.duckdb").read_bytes() == before


def test_not_while_another_follows_logs_into_it(home: Path) -> None:
    program = (
        "from pathlib import Path; from logbounce.database import alone; import sys\n"
        "with alone(Path(sys.argv[1])): print(flush=True); input()"
    )
    command = (sys.executable, "-c", program, str(home / "logbounce.duckdb"))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), **pipes) as follower:  # type: ignore[call-overload]
        follower.stdout.readline()
        assert f"PID {follower.pid}" in fails(logbounce("rebuild", cwd=home), 6)
        follower.communicate(b"\n")


def test_logs_are_found_by_pattern_and_each_once(tmp_path: Path) -> None:
    for name in ("a.csv", "a.csv.1", "a.csv.2.gz", "b.csv-20261120", "mail [1].log", "mail [1].log.1", "a.csv.offset"):
        (tmp_path / name).touch()
    (tmp_path / "c.csv").symlink_to("a.csv")
    (tmp_path / "folder.csv").mkdir()

    def found(path: str) -> list[str]:
        source = Source(name="x", format="powermta", path=str(tmp_path / path))
        return [Path(log).name for log in logs_of(Settings(database=tmp_path / "x", timezone="UTC", sources=(source,)))]

    assert found("*.csv") == ["a.csv", "a.csv.1", "a.csv.2.gz", "b.csv-20261120"]
    assert found("a.csv") == ["a.csv", "a.csv.1", "a.csv.2.gz"]
    assert found("mail [1].log") == ["mail [1].log", "mail [1].log.1"]
    with pytest.raises(InputError, match=r"name the logs, `logbounce rebuild FILE\.\.\.`"):
        found("none.log")


def test_what_mailboxes_said_is_kept_and_meets_the_logs_anew(home: Path) -> None:
    """The late bounce of what the log calls delivered, and the server's own report on a failure of the log."""
    maildir = home / "Maildir"
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    for number, address in enumerate(("fine@example.org", "middle@example.org", "eve@example.org")):
        (maildir / "new" / f"{number}.test").write_bytes(dsn(address, message_id="4TX001@sender.example"))
    assert logbounce("fetch", "Maildir", cwd=home).returncode == 0
    shutil.rmtree(maildir)
    tables = ("from report_rows order by all", "from report_messages order by all", "from attempts where asynchronous")
    with connect(home / "logbounce.duckdb") as connection:
        before = [connection.execute(sql).fetchall() for sql in tables]
    assert [len(rows) for rows in before] == [3, 3, 1]
    assert logbounce("rebuild", cwd=home).returncode == 0
    with connect(home / "logbounce.duckdb") as connection:
        assert [connection.execute(sql).fetchall() for sql in tables] == before
