"""`logbounce compact`: the same rows in a smaller file, whatever others do meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from logbounce.database import compact, connect, held, write_ahead_logs
from logbounce.errors import DatabaseError, LockedError
from tests.unit import writer
from tests.unit.cli.command import logbounce

SCHEMA = {
    "columns": "select table_name, column_name, data_type, column_default, is_nullable from duckdb_columns()"
    " where not internal order by all",
    "views": "select view_name, sql from duckdb_views() where not internal order by all",
    "macros": "select function_name, parameters from duckdb_functions()"
    " where database_name = current_database() order by all",
    "meta": "from meta order by all",
}
LEDGER = (
    "insert into suppression_ledger (decided_at, action, address, stream, reason) "
    "values (now()::timestamp, 'suppress', $1, '', 'manual') returning number"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with rows, and room where others were."""
    path = tmp_path_factory.mktemp("model") / "logbounce.duckdb"
    with connect(path) as connection:
        connection.execute(LEDGER, ["ann@example.org"])
        connection.execute(
            "insert into unparsed_lines select i, 'mx1', i, 'r', md5(i::varchar) from range(200000) as t (i)"
        )
        connection.execute("delete from unparsed_lines where line_id >= 10")
    return path


@pytest.fixture
def database(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(model, tmp_path / "logbounce.duckdb"))


def schema(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with connect(path) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in SCHEMA.items()}


def killed(path: Path, sql: str) -> None:
    """Run SQL in a process that is killed after its commit, and leaves it in the write-ahead log."""
    program = "import os, sys, duckdb; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os.kill(os.getpid(), 9)"
    subprocess.run((sys.executable, "-c", program, path, sql), check=False)
    assert write_ahead_logs(path)


def test_it_is_smaller_and_says_the_same(database: Path) -> None:
    before = schema(database)
    assert len(before["views"]) > 10
    done = compact(database)
    assert (done.bytes_after, done.bytes_before > done.bytes_after) == (database.stat().st_size, True)
    assert schema(database) == before
    with connect(database) as connection:
        assert connection.execute("select line_id from unparsed_lines").fetchall() == [(i,) for i in range(10)]
        assert connection.execute("select address from suppressions").fetchall() == [("ann@example.org",)]
        assert connection.execute(LEDGER, ["bob@example.org"]).fetchone() == (2,)
    assert list(database.parent.iterdir()) == [database]


def test_a_writer_that_commits_all_the_while_loses_nothing(database: Path) -> None:
    with connect(database) as connection:
        connection.execute("truncate unparsed_lines")
    with writer.start(database) as process:
        for _ in range(4):
            compact(database)
            assert process.poll() is None
        written = writer.stop(process)
    with connect(database, read_only=True) as connection:
        found = connection.execute(
            "select count(*), count(distinct line_id), max(line_id) from unparsed_lines"
        ).fetchone()
    assert found == (written, written, written - 1)


def test_what_a_killed_process_has_committed_is_kept(database: Path) -> None:
    killed(database, "insert into unparsed_lines values (77, 'mx1', 0, 'r', 'x')")
    compact(database)
    assert write_ahead_logs(database) == []
    with connect(database) as connection:
        assert connection.execute("select count(*) from unparsed_lines where line_id = 77").fetchone() == (1,)


def test_owner_and_permissions_stay(database: Path) -> None:
    database.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(database, 12, 34)
    owner = (database.stat().st_uid, database.stat().st_gid)
    compact(database)
    assert (database.stat().st_uid, database.stat().st_gid) == owner
    assert database.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(database: Path) -> None:
    link = database.with_name("link.duckdb")
    link.symlink_to(database.name)
    killed(link, "insert into unparsed_lines values (77, 'mx1', 0, 'r', 'x')")
    size = compact(link).bytes_after
    assert (link.is_symlink(), database.stat().st_size) == (True, size)
    with connect(database) as connection:
        assert connection.execute("select count(*) from unparsed_lines").fetchone() == (11,)


def test_a_reader_reads_the_old_one_to_its_end(database: Path) -> None:
    program = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input(); "
        "print(c.execute('select count(*) from unparsed_lines').fetchone()[0])"
    )
    command = (sys.executable, "-c", program, database)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        reader.stdout.readline()
        compact(database)
        with connect(database) as connection:
            connection.execute("truncate unparsed_lines")
        assert reader.communicate("go on\n")[0] == "10\n"


def test_who_holds_it_is_named(database: Path) -> None:
    program = "import sys, time, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen((sys.executable, "-c", program, database), stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        try:
            with pytest.raises(LockedError, match=rf"held by PID {holder.pid}"), held(database, patience_seconds=0.1):
                pytest.fail("it was not refused")
        finally:
            holder.kill()


def test_nobody_writes_while_it_is_held(database: Path) -> None:
    program = "import sys, duckdb; duckdb.connect(sys.argv[1])"
    with held(database):
        done = subprocess.run((sys.executable, "-c", program, database), capture_output=True, text=True, check=False)
    assert "Could not set lock on file" in done.stderr
    subprocess.run((sys.executable, "-c", program, database), check=True)


def test_who_opens_it_while_it_is_replaced_gets_the_new_one(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between DuckDB's open() and its lock the file may have lost its name: what is written to it is lost."""
    new = database.with_name("new.duckdb")
    new.write_bytes(database.read_bytes())
    opened: list[duckdb.DuckDBPyConnection] = []

    def connect_and_replace(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:  # noqa: ANN401 - as DuckDB's
        connection = real(*arguments, **options)
        if not opened:
            new.replace(database)
        opened.append(connection)
        return connection

    real = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", connect_and_replace)
    with connect(database) as connection:
        connection.execute("insert into unparsed_lines values (77, 'mx1', 0, 'r', 'x')")
    assert len(opened) == 2
    monkeypatch.undo()
    with connect(database) as connection:
        assert connection.execute("select count(*) from unparsed_lines where line_id = 77").fetchone() == (1,)


def test_a_full_disk_leaves_the_old_one(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise DatabaseError("full")

    before = database.read_bytes()
    monkeypatch.setattr("logbounce.database.compaction._count", full)
    with pytest.raises(DatabaseError, match="full"):
        compact(database)
    assert (database.read_bytes(), list(database.parent.iterdir())) == (before, [database])


def test_what_a_killed_compaction_left_is_swept_up_and_one_at_work_is_not(database: Path) -> None:
    left = database.with_name(".logbounce-draft-left")
    left.mkdir()
    (left / "logbounce.duckdb").write_bytes(b"x" * 100)
    old = time.time() - 3600
    os.utime(left, (old, old))
    busy = database.with_name(".logbounce-draft-busy")
    busy.mkdir()
    os.utime(busy, (old, old))
    program = "import fcntl, os, sys, time; fcntl.flock(os.open(sys.argv[1], 0), 2); print(flush=True); time.sleep(60)"
    with subprocess.Popen((sys.executable, "-c", program, busy), stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        compact(database)
        other.kill()
    assert (left.exists(), busy.exists()) == (False, True)


def test_the_command(database: Path) -> None:
    done = logbounce("compact", "--json", cwd=database.parent)
    (row,) = json.loads(done.stdout)
    assert (done.stderr, row["bytes_after"]) == ("", database.stat().st_size)
    assert row["bytes_before"] > row["bytes_after"]
