"""One reader of logs a database: the second says who the first is, and the lock goes with its process."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect, only_reader_of_logs
from logbounce.errors import DatabaseError, Exit, LockedError
from tests.unit.cli.command import environment, logbounce
from tests.unit.ingest.following import messages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import sys, pathlib
from logbounce.database import only_reader_of_logs
with only_reader_of_logs(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "x.duckdb"


@pytest.fixture
def holder(database: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(
        command, env=environment(database.parent), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def lock_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")


def test_it_names_the_process_in_a_file_for_nobody_else(database: Path) -> None:
    with only_reader_of_logs(database):
        assert lock_of(database).read_text() == f"{os.getpid()}\n"
        assert stat.S_IMODE(lock_of(database).stat().st_mode) == 0o600
    assert lock_of(database).exists()


def test_the_second_says_which_process_holds_it(database: Path, holder: subprocess.Popen[bytes]) -> None:
    with (
        pytest.raises(LockedError, match=f"PID {holder.pid} is reading logs into it: stop that first, or let it go on"),
        only_reader_of_logs(database),
    ):
        pytest.fail("two hold it")


def test_another_name_of_the_same_database_is_the_same(database: Path, holder: subprocess.Popen[bytes]) -> None:
    connect(database).close()
    link = database.with_name("link.duckdb")
    link.symlink_to(database)
    with pytest.raises(LockedError, match=str(holder.pid)), only_reader_of_logs(link):
        pytest.fail("two hold it")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_ends_with_its_process(database: Path, holder: subprocess.Popen[bytes], how: signal.Signals) -> None:
    holder.send_signal(how)
    holder.wait()
    with only_reader_of_logs(database):
        assert lock_of(database).read_text() == f"{os.getpid()}\n"


def test_it_can_be_held_again_after_an_error(database: Path) -> None:
    with pytest.raises(ZeroDivisionError), only_reader_of_logs(database):
        1 / 0  # noqa: B018 - raises
    with only_reader_of_logs(database):
        pass


def test_who_starts_others_does_not_leave_the_lock_to_them(database: Path) -> None:
    with only_reader_of_logs(database):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    with only_reader_of_logs(database):
        pass
    child.communicate(b"\n")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"x\.duckdb\.lock: cannot be made: No such file"):
        only_reader_of_logs(tmp_path / "none/x.duckdb").__enter__()


@pytest.mark.parametrize("command", [("ingest", "mail.log"), ("tail", "--once"), ("tail", "-")])
def test_no_other_command_reads_logs_meanwhile(
    database: Path, holder: subprocess.Popen[bytes], command: tuple[str, ...]
) -> None:
    home = database.parent
    (home / "mail.log").write_text(messages(0))
    (home / "logbounce.yaml").write_text("sources: [{name: mx1, format: postfix, path: mail.log}]\n")
    done = logbounce(*command, "--db", "x.duckdb", cwd=home)
    assert (done.returncode, done.stdout) == (Exit.LOCKED, "")
    assert (
        done.stderr
        == f"logbounce: x.duckdb: PID {holder.pid} is reading logs into it: stop that first, or let it go on\n"
    )


@pytest.mark.parametrize("command", [("status",), ("suppress", "check", "a@example.org"), ("query", "select 1")])
def test_whoever_only_reads_does_not_wait_for_it(
    database: Path, holder: subprocess.Popen[bytes], command: tuple[str, ...]
) -> None:
    del holder
    connect(database).close()
    done = logbounce(*command, "--db", "x.duckdb", cwd=database.parent)
    assert done.returncode in {Exit.OK, Exit.NO}, done.stderr
