"""`logbounce backup` and `logbounce publish`: a whole copy, or none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from logbounce.database import compact, connect
from logbounce.errors import DamagedError, DatabaseError
from logbounce.publish import backup, publish
from tests.unit import writer
from tests.unit.cli.command import fails, logbounce


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "logbounce.duckdb"
    with connect(path) as connection:
        connection.execute(
            "insert into unparsed_lines select i, 'mx1', i, 'r', md5(i::varchar) from range(50000) as t (i)"
        )
    return path


@pytest.fixture
def database(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(model, tmp_path / "logbounce.duckdb"))


def lines(path: Path) -> int:
    with connect(path, read_only=True) as connection:
        row = connection.execute("select count(*) from unparsed_lines").fetchone()
    assert row
    return int(row[0])


def test_a_backup_has_every_byte_and_is_for_its_owner_only(database: Path) -> None:
    copy = database.with_name("copy.duckdb")
    done = backup(database, copy)
    assert (copy.read_bytes() == database.read_bytes(), done.bytes) == (True, copy.stat().st_size)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in database.parent.iterdir()) == ["copy.duckdb", "logbounce.duckdb"]


def test_what_is_only_in_the_write_ahead_log_is_in_the_backup(database: Path) -> None:
    program = (
        "import os, sys, duckdb; c = duckdb.connect(sys.argv[1]); c.execute('truncate unparsed_lines'); os._exit(9)"
    )
    subprocess.run((sys.executable, "-c", program, database), check=False)
    assert database.with_name("logbounce.duckdb.wal").exists()
    backup(database, database.with_name("copy.duckdb"))
    assert lines(database.with_name("copy.duckdb")) == 0


def test_copies_of_what_is_being_written_are_of_one_moment_and_the_writer_loses_nothing(database: Path) -> None:
    copy = database.with_name("copy.duckdb")
    moments: set[tuple[int, ...] | None] = set()
    whole = "select count(*), max(line_id) + 1, sum(line_id) from unparsed_lines"
    with writer.start(database, 50_000) as process:
        while len(moments) < 4 and process.poll() is None:
            backup(database, copy)
            with connect(copy, read_only=True) as connection:
                moments.add(connection.execute(whole).fetchone())
        written = writer.stop(process)
    assert len(moments) == 4
    for moment in moments:
        assert moment
        assert moment == (moment[0], moment[0], moment[0] * (moment[0] - 1) // 2)
    assert lines(database) == written


def test_an_older_backup_is_replaced(database: Path) -> None:
    copy = database.with_name("copy.duckdb")
    backup(database, copy)
    with connect(database) as connection:
        connection.execute("truncate unparsed_lines")
    backup(database, copy)
    assert lines(copy) == 0


@pytest.mark.parametrize("target", ["logbounce.duckdb", "link.duckdb", "hard.duckdb", "./sub/../logbounce.duckdb"])
def test_the_database_itself_is_not_written_over(database: Path, target: str) -> None:
    database.with_name("link.duckdb").symlink_to(database.name)
    database.with_name("hard.duckdb").hardlink_to(database)
    database.with_name("sub").mkdir()
    before = database.read_bytes()
    with pytest.raises(DatabaseError, match="is the database itself"):
        backup(database, database.parent / target)
    assert database.read_bytes() == before


def test_publishing_into_the_databases_own_folder_is_refused(database: Path) -> None:
    with pytest.raises(DatabaseError, match="is the database itself"):
        publish(database, database.parent)


def test_a_file_that_is_no_copy_is_not_written_over(database: Path) -> None:
    letter = database.with_name("letter.txt")
    letter.write_text("Dear postmaster")
    with pytest.raises(DatabaseError, match=r"letter\.txt: is there already and no DuckDB database"):
        backup(database, letter)
    assert letter.read_text() == "Dear postmaster"


def test_a_fifo_in_the_folder_is_not_waited_for(database: Path) -> None:
    folder = database.parent / "analysts"
    folder.mkdir()
    os.mkfifo(folder / database.name)
    line = fails(logbounce("publish", str(folder), cwd=database.parent), 5)
    assert "is there already and no DuckDB database" in line


@pytest.mark.parametrize("kind", ["link", "loop", "fifo", "file"])
def test_what_others_put_in_the_folder_does_not_hinder(database: Path, kind: str) -> None:
    folder = database.parent / "analysts"
    folder.mkdir()
    for home in (folder, database.parent):
        hindrance = home / ".logbounce-draft-zz"
        if kind == "fifo":
            os.mkfifo(hindrance)
        elif kind == "file":
            hindrance.touch()
        else:
            hindrance.symlink_to(hindrance if kind == "loop" else "nothing")
        os.utime(hindrance, (0, 0), follow_symlinks=False)
    publish(database, folder)
    compact(database)
    assert sorted(path.name for path in folder.iterdir()) == [".logbounce-draft-zz", database.name]


def test_two_sweeps_meet(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one has seen, the other has removed."""
    left = database.parent / ".logbounce-draft-left"
    left.mkdir()
    os.utime(left, (0, 0))
    look = Path.stat

    def late(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path == left and os.path.lexists(left):
            os.rmdir(left)  # noqa: PTH106 - Path.rmdir() might look as well
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", late)
    backup(database, database.parent / "copy.duckdb")
    assert not left.exists()


def test_damage_does_not_replace_a_good_copy(database: Path) -> None:
    copy = database.with_name("copy.duckdb")
    backup(database, copy)
    damaged = bytearray(database.read_bytes())
    for place in range(300_000, len(damaged) - 4096, 200_000):
        damaged[place : place + 64] = bytes(64)
    database.write_bytes(damaged)
    with pytest.raises(DamagedError, match=r"logbounce\.duckdb: is damaged: `logbounce rebuild`"):
        backup(database, copy)
    assert lines(copy) == 50_000
    assert sorted(path.name for path in database.parent.iterdir()) == ["copy.duckdb", "logbounce.duckdb"]


def test_a_published_copy_keeps_the_permissions_of_the_one_before(database: Path) -> None:
    folder = database.with_name("public")
    folder.mkdir()
    publish(database, folder)
    copy = folder / "logbounce.duckdb"
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.chmod(0o640)
    publish(database, folder)
    assert copy.stat().st_mode & 0o777 == 0o640
    assert lines(copy) == 50_000


def test_the_commands(database: Path) -> None:
    done = logbounce("backup", "copy.duckdb", "--json", cwd=database.parent)
    (row,) = json.loads(done.stdout)
    assert (Path(row["copy"]).name, row["bytes"]) == ("copy.duckdb", database.stat().st_size)
    (database.parent / "public").mkdir()
    assert logbounce("publish", "public", cwd=database.parent).returncode == 0
    assert lines(database.parent / "public/logbounce.duckdb") == 50_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("backup", "."), ".: is a folder, expected the name of a file"),
        (("backup", "none/copy.duckdb"), "none/copy.duckdb: its folder does not exist"),
        (("publish", "none"), "none: is no folder: create it with `mkdir -p none`"),
        (("backup", "copy.duckdb", "--db", "none.duckdb"), "none.duckdb: there is no database"),
    ],
)
def test_what_cannot_be_copied(database: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in fails(logbounce(*arguments, cwd=database.parent), 5)
