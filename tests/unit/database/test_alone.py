"""One process at a time follows logs into a database."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from logbounce.database import alone
from logbounce.errors import DatabaseError, Exit, LockedError
from tests.unit.cli.command import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from logbounce.database import alone
with alone(Path(sys.argv[1])):
    print("alone", flush=True)
    input()
"""


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    link = tmp_path / "link.duckdb"
    link.symlink_to(path.name)
    command = (sys.executable, "-c", PROGRAM, str(path))
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == b"alone\n"
        with pytest.raises(LockedError, match=rf"x\.duckdb: PID {first.pid} .* reads logs") as error, alone(link):
            pytest.fail("there are two")
        first.kill()
    assert error.value.exit == Exit.LOCKED
    with alone(path):
        assert (tmp_path / "x.duckdb.lock").read_text() == f"{os.getpid()}\n"
        assert (tmp_path / "x.duckdb.lock").stat().st_mode & 0o777 == 0o600
    with alone(path):
        pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    says = rf"{tmp_path}/none/x\.duckdb: its folder does not exist: create it with `mkdir -p {tmp_path}/none`"
    with pytest.raises(DatabaseError, match=says), alone(tmp_path / "none/x.duckdb"):
        pytest.fail("it was locked")


def test_what_is_no_database_gets_no_lock(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DatabaseError, match="is a folder, expected a database file"), alone(tmp_path / "folder"):
        pytest.fail("it was locked")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
