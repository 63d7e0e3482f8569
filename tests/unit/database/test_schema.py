"""Schema versions: version 1 as it was released, and the road from it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from logbounce.database import connect, schema, statement
from logbounce.errors import DatabaseError

VERSION_1 = Path(__file__).with_name("version_1.sql")
ROW = "insert into unparsed_lines values (1, 'mx1', 0, 'no status', 'a line')"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a database as version 1 made it, with a row."""
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(VERSION_1.read_text())
        connection.execute("insert into meta values ('schema_version', '1')")
        connection.execute(ROW)
    return path


NEXT = schema.newest() + 1


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of migrations, the program's own, to which a test adds."""
    folder = Path(shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return folder


def version(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select value from meta where key = 'schema_version'").fetchone()
    assert row
    return str(row[0])


def test_a_released_schema_does_not_change() -> None:
    """A change of the schema is a new file sql/migrations/NNN.sql."""
    assert statement("schema") == VERSION_1.read_text()


def test_migrations_are_numbered_from_two_without_a_gap() -> None:
    numbers = sorted(int(file.stem) for file in schema.MIGRATIONS.glob("*.sql"))
    assert numbers == list(range(2, 2 + len(numbers)))


def test_version_1_opens_in_this_program(old: Path) -> None:
    with connect(old) as connection:
        assert connection.execute("select source_name, line from unparsed_lines").fetchall() == [("mx1", "a line")]
        names = [
            name for (name,) in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
        ]
        assert "outcomes" in names
        for name in names:
            connection.table(name).limit(1).fetchall()


def test_the_policy_of_an_older_database_is_that_before_any_version_of_the_rules(old: Path) -> None:
    with duckdb.connect(str(old)) as connection:
        connection.execute("insert into policies values ('', null, 'standard', 1, 3, 72, 24, null, 'consecutive')")
    with connect(old) as connection:
        assert connection.execute("select version, preset from rule_policies").fetchall() == [(0, "standard")]


def test_a_new_database_walks_the_same_road(tmp_path: Path, migrations: Path) -> None:
    (migrations / f"{NEXT:03d}.sql").write_text("alter table unparsed_lines add column seen integer")
    (migrations / f"{NEXT + 1:03d}.sql").write_text("update meta set value = value; create table later (x integer)")
    connect(tmp_path / "new.duckdb").close()
    assert version(tmp_path / "new.duckdb") == str(NEXT + 1)


@pytest.mark.parametrize("read_only", [False, True])
def test_an_older_one_is_migrated_and_keeps_its_rows(old: Path, migrations: Path, read_only: bool) -> None:  # noqa: FBT001
    (migrations / f"{NEXT:03d}.sql").write_text("alter table unparsed_lines add column seen integer default 7")
    with connect(old, read_only=read_only) as connection:
        assert connection.execute("select line, seen from unparsed_lines").fetchall() == [("a line", 7)]
    assert version(old) == str(NEXT)


def test_a_migration_that_fails_changes_nothing(old: Path, migrations: Path) -> None:
    (migrations / f"{NEXT:03d}.sql").write_text("drop table unparsed_lines; create table meta (x integer)")
    with pytest.raises(DatabaseError, match="cannot be upgraded from schema version 1"):
        connect(old)
    assert version(old) == "1"
    with duckdb.connect(str(old), read_only=True) as connection:
        assert connection.execute("select count(*) from unparsed_lines").fetchone() == (1,)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_one_is_refused_and_unchanged(old: Path, read_only: bool) -> None:  # noqa: FBT001
    with duckdb.connect(str(old)) as connection:
        connection.execute("update meta set value = '99' where key = 'schema_version'")
    before = hashlib.sha256(old.read_bytes()).digest()
    with pytest.raises(DatabaseError, match=r"has schema version 99, and this logbounce knows \d+: upgrade logbounce"):
        connect(old, read_only=read_only)
    assert hashlib.sha256(old.read_bytes()).digest() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_views_that_are_worded_differently_are_replaced(old: Path, read_only: bool) -> None:  # noqa: FBT001
    word_differently(old)
    with connect(old, read_only=read_only) as connection:
        assert "bounce_class" in connection.table("outcomes").columns


def test_views_that_are_worded_differently_are_read_while_others_read(old: Path) -> None:
    word_differently(old)
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('in', flush=True); input()"
    command = (sys.executable, "-c", program, str(old))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == b"in\n"
        with connect(old, read_only=True) as connection:
            assert connection.table("outcomes").columns == ["old_word"]
        reader.kill()


def word_differently(database: Path) -> None:
    """Have a database of today's schema with the views of another program."""
    connect(database).close()
    with duckdb.connect(str(database)) as connection:
        connection.execute("create or replace view outcomes as select 1 as old_word")
        connection.execute("update meta set value = 'of another program' where key = 'views'")


def test_another_duckdb_client_sees_the_views(old: Path) -> None:
    connect(old).close()
    with duckdb.connect(str(old), read_only=True) as connection:
        assert connection.execute("select count(*) from outcomes").fetchone() == (0,)
