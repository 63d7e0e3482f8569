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
    "explain copy meta to 'stolen.csv'": "EXPLAIN of anything else than a SELECT is refused",
    "explain analyze copy (select * from meta) to 'logbounce.duckdb.tmp/o.csv'": "EXPLAIN of anything else",
    "/* x */ EXPLAIN /* y */ (analyze, format json) copy meta to 'logbounce.duckdb.tmp/o.csv'": "EXPLAIN of anything",
    "explain analyze from enable_logging(storage='stdout', level='trace')": "the table function enable_logging()",
    "explain (analyze) from checkpoint()": "the table function checkpoint() is refused",
    "explain": "syntax error",
    "from read_csv('secret.txt')": "the table function read_csv() is refused",
    "from read_text('secret.txt')": "the table function read_text() is refused",
    "from read_text('logbounce.duckdb.tmp/secret.csv')": "the table function read_text() is refused",
    "from 'logbounce.duckdb.tmp/secret.csv'": "Cannot access file",
    "from read_blob('secret.txt')": "the table function read_blob() is refused",
    "from glob('*')": "the table function glob() is refused",
    "from enable_logging(storage='stdout', level='trace')": "the table function enable_logging() is refused",
    "from enable_logging(storage='file', storage_config={'path': '/x'})": "the table function enable_logging()",
    "from Enable_Profiling()": "() is refused",
    'from system.main."checkpoint"()': "the table function checkpoint() is refused",
    "from truncate_duckdb_logs()": "the table function truncate_duckdb_logs() is refused",
    "from pandas_scan(null)": "the table function pandas_scan() is refused",
    "select 1 where exists (with x as (from meta, lateral (from force_checkpoint())) from x)": "force_checkpoint()",
    "pivot (from checkpoint()) on x in (1) using count(*)": "the table function checkpoint() is refused",
    "describe from checkpoint()": "the table function checkpoint() is refused",
    "from 'secret.txt'": "secret.txt",
    "from query('copy meta to ''stolen.csv''')": "the table function query() is refused",
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
    (folder / "logbounce.duckdb.tmp").mkdir()  # as a process that was killed leaves it
    (folder / "logbounce.duckdb.tmp/secret.csv").write_text("top,secret\n1,2\n")
    return folder


def state(home: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sql", REFUSED)
def test_refused(home: Path, sql: str) -> None:
    before = state(home)
    line = fails(logbounce("query", sql, cwd=home), 7)
    assert REFUSED[sql] in line
    assert state(home) == before
