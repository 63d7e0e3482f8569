"""Fault 28: `query` with several statements, writes, file reads: refused, the database unchanged."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = {
    "": "0 statements",
    "select 1; select 2": "2 statements",
    "select 1; drop table attempt_rows": "2 statements",
    "insert into meta values ('a', 'b')": "INSERT is refused",
    "delete from meta": "DELETE is refused",
    "/* select */ update meta set value = 'x'": "UPDATE is refused",
    "drop table meta": "DROP is refused",
    "create temp table t as select 1": "CREATE is refused",
    "copy meta to 'stolen.csv'": "COPY is refused",
    "export database 'stolen'": "EXPORT is refused",
    "attach 'other.duckdb'": "ATTACH is refused",
    "pragma enable_profiling": "PRAGMA is refused",
    "\n-- select\npragma table_info('meta')": "PRAGMA is refused",
    "set threads = 1": "SET is refused",
    "reset enable_external_access": "RESET is refused",
    "call pragma_version()": "CALL is refused",
    "checkpoint": "CHECKPOINT is refused",
    "install httpfs": "INSTALL is refused",
    "load json": "LOAD is refused",
    "begin": "BEGIN is refused",
    "prepare p as select 1": "PREPARE is refused",
    "select nextval('suppression_numbers')": "read-only",
    "explain analyze delete from meta": "read-only",
    "explain copy meta to 'stolen.csv'": "Cannot access file",
    "from read_csv('secret.txt')": "Cannot access file",
    "from read_text('secret.txt')": "Cannot access file",
    "from read_blob('secret.txt')": "Cannot access file",
    "from glob('*')": "Cannot access file",
    "from 'secret.txt'": "secret.txt",
    "from query('copy meta to ''stolen.csv''')": "Expected a single SELECT",
    "select getenv('HOME')": "getenv",
    "pivot meta on key using count(*)": "PIVOT has to list its values",
    "selct 1": "syntax error",
    "select no_such_column from meta": "no_such_column",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    connect(folder / "logbounce.duckdb").close()
    (folder / "secret.txt").write_text("top,secret\n1,2\n")
    return folder


def state(home: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.iterdir()}


@pytest.mark.parametrize("sql", REFUSED)
def test_refused(home: Path, sql: str) -> None:
    before = state(home)
    line = fails(logbounce("query", sql, cwd=home), 7)
    assert REFUSED[sql] in line
    assert state(home) == before
