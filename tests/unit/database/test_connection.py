"""Opening the database: made privately, refused clearly, waited for politely."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from logbounce.database import connect, memory, refusals, scratch, still
from logbounce.errors import DatabaseError, LockedError
from tests.unit.cli.command import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

# Holds the database until its standard input ends, or for as many seconds as its second argument says.
HOLDER = """
import sys, time
from logbounce.database import connect
connection = connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2])) if len(sys.argv) > 2 else sys.stdin.read()
connection.close()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "logbounce.duckdb"
    connect(path).close()
    return path


@contextmanager
def held(database: Path, *seconds: str) -> Iterator[int]:
    """Hold the database in another process and yield its PID."""
    command = (sys.executable, "-c", HOLDER, str(database), *seconds)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment(database.parent)) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process.pid


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_a_missing_one_is_made_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "logbounce.duckdb"
    before = os.umask(mask)
    try:
        connect(path).close()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_it_has_the_schema(database: Path) -> None:
    with connect(database) as connection:
        assert connection.execute("select count(*) from attempts").fetchone() == (0,)


def test_a_link_to_nothing_yet_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "there.duckdb")
    connect(tmp_path / "link").close()
    assert (tmp_path / "there.duckdb").is_file()


def test_many_that_make_it_at_once_make_one(tmp_path: Path) -> None:
    path = tmp_path / "logbounce.duckdb"
    command = (sys.executable, "-c", HOLDER, str(path), "0")
    makers = [subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment(tmp_path)) for _ in range(3)]
    assert [maker.wait() for maker in makers] == [0, 0, 0]
    with connect(path) as connection:
        assert connection.execute("select count(*) from meta where key = 'schema_version'").fetchone() == (1,)
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_makes_none(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database: run `logbounce ingest"):
        connect(tmp_path / "logbounce.duckdb", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(database: Path) -> None:
    with connect(database, read_only=True) as connection, pytest.raises(duckdb.InvalidInputException):
        connection.execute("delete from meta")


def test_times_are_utc(database: Path) -> None:
    with connect(database) as connection:
        assert connection.execute("select '2026-07-01 12:00:00+02'::timestamptz::timestamp::varchar").fetchone() == (
            "2026-07-01 10:00:00",
        )


def test_memory_is_limited(database: Path) -> None:
    with connect(database, memory_limit="64MB") as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchone() == ("61.0 MiB",)


def test_no_extension_is_fetched(database: Path) -> None:
    with connect(database) as connection:
        asked = "select current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
        assert connection.execute(asked).fetchone() == (False, False)


def test_memory_has_the_schema_and_no_disk() -> None:
    with memory() as connection:
        assert connection.execute("select count(*) from outcomes").fetchone() == (0,)
        assert connection.execute("select current_setting('temp_directory')").fetchone() == ("",)


NOT_DATABASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (lambda path: path.mkdir(), "is a folder, expected a database file"),
    "a device": (lambda path: path.symlink_to("/dev/null"), "is not a regular file"),
    "an empty file": (lambda path: path.touch(), "is an empty file and not a database: delete it"),
    "a text": (
        lambda path: path.write_text("Nov 20 10:00:00 mx1 postfix/smtp[1]: A1: to=<a@example.org>\n" * 200),
        "is not a DuckDB",
    ),
    "a short file": (lambda path: path.write_bytes(b"DUCK"), "is not a DuckDB"),
    "somebody's database": (
        lambda path: duckdb.connect(str(path)).execute("create table t (x integer)").close(),
        "is a DuckDB database, but not one that logbounce made",
    ),
    "another program's meta": (
        lambda path: duckdb.connect(str(path)).execute("create table meta (version integer)").close(),
        "is a DuckDB database, but not one that logbounce made",
    ),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("kind", NOT_DATABASES)
def test_what_is_no_database_is_refused_and_unchanged(tmp_path: Path, kind: str, *, read_only: bool) -> None:
    make, says = NOT_DATABASES[kind]
    path = tmp_path / "logbounce.duckdb"
    make(path)
    before = digest(path) if path.is_file() else None
    with pytest.raises(DatabaseError, match=says) as caught:
        connect(path, read_only=read_only)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert before == (digest(path) if path.is_file() else None)


def test_a_damaged_one_is_refused(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[12_288:] = bytes(len(content) - 12_288)  # all after the three headers
    database.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"^[^\n]+$") as caught:
        connect(database)
    assert str(database) in str(caught.value)


def test_no_folder_for_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=f"create it with `mkdir -p {tmp_path}/none`"):
        connect(tmp_path / "none/logbounce.duckdb")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_held_one_names_the_holder(database: Path, *, read_only: bool) -> None:
    with held(database) as pid, pytest.raises(LockedError, match=rf"held by PID {pid}\b"):
        connect(database, read_only=read_only, patience_seconds=0.05)


def test_the_holder_is_found_where_duckdb_does_not_name_it(database: Path) -> None:
    with held(database) as pid:
        assert f"PID {pid}:" in str(refusals.locked(database, duckdb.IOException("Could not set lock on file")))


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_in_a_file_is_in_utc_and_draws_no_progress(database: Path, *, read_only: bool) -> None:
    with connect(database, read_only=read_only) as connection:
        assert settled(connection)


@pytest.mark.parametrize("made", [memory, scratch])
def test_one_in_memory_is_in_utc_and_draws_no_progress(made: Callable[[], DuckDBPyConnection]) -> None:
    with made() as connection:
        assert settled(connection)


def settled(connection: DuckDBPyConnection) -> bool:
    row = connection.execute("select current_setting('TimeZone'), current_setting('enable_progress_bar')").fetchone()
    return row == ("UTC", False)


def test_an_unknown_holder_is_another_process(database: Path) -> None:
    said = str(refusals.locked(database, duckdb.IOException("Could not set lock on file")))
    assert "held by another process" in said


def test_a_short_hold_is_waited_for(database: Path) -> None:
    with held(database, "0.3"):
        connect(database, read_only=True, patience_seconds=30).close()


def test_a_newer_storage_format_says_so(tmp_path: Path) -> None:
    said = "IO Error: Trying to read a database file with version number 99, but we can only read versions up to 67"
    assert "written by a newer DuckDB (storage version 99)" in str(refusals.refused(tmp_path, duckdb.IOException(said)))


FULL = "TransactionContext Error: Failed to commit: Could not write file: No space left on device"


@pytest.mark.parametrize("error", [duckdb.IOException("x"), duckdb.OutOfMemoryException("x"), duckdb.Error(FULL)])
def test_what_stops_an_open_database_is_told_in_one_line(error: duckdb.Error) -> None:
    assert isinstance(refusals.at_work(error), DatabaseError)


def test_a_bug_is_not_called_a_full_disk() -> None:
    assert refusals.at_work(duckdb.BinderException("no such column")) is None


@pytest.mark.parametrize("name", ["md:x", "sqlite:x", ":memory:"])
def test_a_name_is_a_file_whatever_it_begins_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    connect(name).close()
    with still.held(Path(name)) as connection:
        assert connection.execute("select count(*) from held.meta").fetchone() != (0,)
    assert (tmp_path / name).is_file()


def test_a_database_of_sqlite_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"SQLite format 3\0" + bytes(4096))
    with pytest.raises(DatabaseError, match="is not a DuckDB database, but one of SQLite"):
        connect(tmp_path / "x.db")
