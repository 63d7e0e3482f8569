"""What fails in the middle leaves the last commit, and the next run completes it exactly."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logbounce import shipped
from logbounce.database import connect, statement
from logbounce.errors import InputError
from logbounce.follow import blocks
from logbounce.ingest import Pipeline, pipeline
from logbounce.load import block
from logbounce.settings import Settings
from tests.unit.cli.command import ROOT, environment, logbounce
from tests.unit.ingest.logs import RULES, arrival, attempt, expired, removed
from tests.unit.ingest.state import Memory, Stored, differences

DATA = (shipped.sample_logs() / "postfix-pitfalls.log").read_bytes()
BLOCK_BYTES = 4000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "mail.log").write_bytes(DATA)
    return tmp_path / "mail.log"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make blocks, each of which is a commit, so small that the sample has several."""
    monkeypatch.setattr(pipeline, "blocks", lambda stream, start: blocks(stream, start, BLOCK_BYTES))
    monkeypatch.setattr(pipeline, "COMMIT_BYTES", BLOCK_BYTES)
    monkeypatch.setattr(pipeline, "DECIDE_BYTES", 3 * BLOCK_BYTES)


def whole(path: Path) -> Stored:
    database = Memory()
    database.ingest(path)
    return database.stored()


@pytest.mark.usefixtures("small")
def test_blocks_of_any_size_give_the_same_rows(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = whole(log)
    monkeypatch.undo()
    assert differences(found, whole(log)) == {}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("step", ["load_messages", "load_attempts", "load_store"])
@pytest.mark.parametrize("fails_at", [1, 4])
def test_a_step_that_fails_undoes_its_commit_and_no_other(
    log: Path, monkeypatch: pytest.MonkeyPatch, step: str, fails_at: int
) -> None:
    calls = 0

    def failing(name: str) -> str:
        nonlocal calls
        calls += name == step
        return "select error('broken')" if name == step and calls > fails_at else statement(name)

    database = Memory()
    monkeypatch.setattr(block, "statement", failing)
    with pytest.raises(Exception, match="broken"):
        database.ingest(log)
    monkeypatch.setattr(block, "statement", statement)
    ((committed,),) = database.rows("select position from sources")
    (log.parent / "read.log").write_bytes(DATA[:committed])
    expected, found = whole(log.parent / "read.log"), database.stored()
    for decided in ("templates", "suppressions", "outcomes"):  # by the next run
        del expected[decided]
    assert differences(found, expected) == {}
    database.ingest(log)
    assert differences(database.stored(), whole(log)) == {}


@pytest.mark.usefixtures("small")
def test_compressed_data_that_breaks_off_is_an_error_and_the_whole_file_completes_it(log: Path) -> None:
    copy = log.with_suffix(".gz")
    packed = gzip.compress(DATA, 1)
    database = Memory()
    copy.write_bytes(packed[: len(packed) * 3 // 4])
    with pytest.raises(InputError, match=r"mail\.gz: the compressed data is damaged or cut short"):
        database.ingest(copy)
    copy.write_bytes(packed)
    database.ingest(copy)
    assert differences(database.stored(), whole(log)) == {}


def test_a_bad_file_among_good_ones_is_told_of_and_the_others_are_read(log: Path) -> None:
    (log.parent / "empty.log").touch()
    (log.parent / "binary.log").write_bytes(b"\0\1\2" * 100)
    (log.parent / "other.log").write_text("the quick brown fox\n")
    names = ("empty.log", "missing.log", "mail.log", "binary.log", ".", "other.log")
    done = logbounce("ingest", *names, "--csv", cwd=log.parent)
    assert done.returncode == 3
    assert [error.split(":")[1].strip() for error in done.stderr.splitlines()] == [
        name for name in names if name not in ("mail.log", "empty.log")
    ]
    header, row = done.stdout.splitlines()
    assert header.startswith("file,format,")
    assert row.startswith("mail.log,postfix,iso8601,")


# What is killed: the real command with blocks of a few kilobytes.
DRIVER = f"""
import sys
from logbounce.follow import blocks
from logbounce.ingest import pipeline
pipeline.blocks = lambda stream, start: blocks(stream, start, {BLOCK_BYTES})
pipeline.COMMIT_BYTES = pipeline.DECIDE_BYTES = {BLOCK_BYTES}
from logbounce.cli.app import main
sys.argv = ["logbounce", "ingest", "mail.log"]
main()
"""


def test_a_run_that_is_killed_again_and_again_ends_exactly(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_text("".join(f"{line}\n" for n in range(300) for line in _life(n)))
    kills = 0
    for delay in (0.0, 0.05, 0.11, 0.02, 0.3, 0.2):
        kills += _killed_after(delay, tmp_path)
    assert kills >= 3
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == 0
    with connect(tmp_path / "logbounce.duckdb") as connection:
        database = Memory()
        database.ingest(log)
        killed = Memory()
        killed.connection = connection
        assert differences(killed.stored(), database.stored()) == {}
        assert [row[1:] for row in killed.sources()] == [row[1:] for row in database.sources()]


FULL = "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)"


def _life(n: int) -> list[str]:
    """Return a message of which one recipient is given up; queue ids come again after 40."""
    queue_id, start = f"A{n % 40:04X}B", 1000 * n
    return [
        *arrival(start, queue_id),
        attempt(start + 1, queue_id, f"a{n}@example.org"),
        attempt(start + 1, queue_id, f"b{n % 7}@example.org", "deferred", FULL),
        expired(start + 900, queue_id),
        removed(start + 900, queue_id),
    ]


def _killed_after(delay: float, home: Path) -> bool:
    """Start a run and kill it so many seconds after its first commit of its own; tell whether it was still running."""
    database = home / "logbounce.duckdb"
    before = _state(database)
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER], cwd=home, env=environment(home) | {"PYTHONPATH": str(ROOT)}
    ) as process:
        while process.poll() is None and _state(database) == before:
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def _state(database: Path) -> list[tuple[int, int]]:
    files = (database, Path(f"{database}.wal"))
    return [(file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists()]


def test_the_pipeline_is_not_left_in_a_transaction(tmp_path: Path, log: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(DATA)[:-100])
    with connect(tmp_path / "x.duckdb") as connection:
        reading = Pipeline(connection, Settings(database=tmp_path / "x.duckdb", timezone="UTC"), RULES)
        with pytest.raises(InputError):
            reading.ingest(str(tmp_path / "cut.gz"))
        assert reading.ingest(str(log)).new > 0
