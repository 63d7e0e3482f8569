"""Fault 18: no permission, or something missing: a clear error, nothing changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READERS = [("query", "select 1"), ("status",), ("suppress", "list"), ("report",)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    connect(tmp_path / "logbounce.duckdb").close()
    yield tmp_path
    tmp_path.chmod(0o700)


def digest(home: Path) -> str:
    return hashlib.sha256((home / "logbounce.duckdb").read_bytes()).hexdigest()


@pytest.mark.parametrize("command", READERS)
def test_a_database_without_permission(home: Path, command: tuple[str, ...]) -> None:
    before = digest(home)
    (home / "logbounce.duckdb").chmod(0)
    line = fails(logbounce(*command, cwd=home, ordinary=True), 5)
    assert line.startswith("logbounce.duckdb: no permission to open the database")
    assert digest(home) == before


def test_a_database_in_a_closed_folder(home: Path) -> None:
    (home / "closed").mkdir(0)
    line = fails(logbounce("status", "--db", "closed/x.duckdb", cwd=home, ordinary=True), 5)
    assert line.startswith("closed/x.duckdb: no permission to open the database")


def test_a_database_that_may_only_be_read_can_be_asked(home: Path) -> None:
    (home / "logbounce.duckdb").chmod(0o400)
    home.chmod(0o500)
    assert logbounce("query", "select 1 as x", "--csv", cwd=home, ordinary=True).stdout == "x\r\n1\r\n"


def test_settings_without_permission(home: Path) -> None:
    (home / "logbounce.yaml").touch(0)
    line = fails(logbounce("status", cwd=home, ordinary=True), 4)
    assert line == "logbounce.yaml: cannot be read: Permission denied"


def test_settings_cannot_be_written(home: Path) -> None:
    home.chmod(0o500)
    line = fails(logbounce("init", cwd=home, ordinary=True), 4)
    assert line == "logbounce.yaml: cannot be written: Permission denied"
