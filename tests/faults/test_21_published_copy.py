"""Fault 21: the published copy is replaced while it is read: the reader sees one consistent state."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect, transaction
from logbounce.publish import publish

if TYPE_CHECKING:
    from pathlib import Path

COPIES = 5
# Opens the copy and asks it again and again, also what it has not looked at before; then asks the newest one.
# A state is consistent when all lines are of the same generation: each commit replaces them all.
READER = """
import sys, duckdb
STATE = "select count(*), min(reason), max(reason), sum(length(line)) from unparsed_lines"
def state(connection):
    return connection.execute(STATE).fetchone()
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("select max(reason) from unparsed_lines where line_id = 0").fetchone()[0], flush=True)
states = set()
for line in sys.stdin:
    states.add(state(connection))
connection.close()
print(len(states), *states.pop(), *state(duckdb.connect(sys.argv[1], read_only=True)), flush=True)
"""
# As READER, without pause, opening the copy anew each time, until it has seen so many states.
RESTLESS = """
import sys, duckdb
seen = set()
while len(seen) < int(sys.argv[2]):
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        seen.add(connection.execute("select count(*), min(reason), max(reason) from unparsed_lines").fetchone())
print(all(count == 20000 and low == high for count, low, high in seen))
"""


def commit(database: Path, generation: int) -> None:
    """Replace every line by one of this generation, in one transaction."""
    with connect(database) as connection, transaction(connection):
        connection.execute("delete from unparsed_lines")
        connection.execute(
            "insert into unparsed_lines select i, 'mx1', i, $1, md5(i::varchar) from range(20000) as t (i)",
            [f"g{generation}"],
        )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "public").mkdir()
    commit(tmp_path / "logbounce.duckdb", 0)
    publish(tmp_path / "logbounce.duckdb", tmp_path / "public")
    return tmp_path / "logbounce.duckdb"


def test_a_reader_that_has_it_open_goes_on_reading_one_state(database: Path) -> None:
    command = (sys.executable, "-c", READER, database.parent / "public/logbounce.duckdb")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        assert reader.stdin
        assert reader.stdout.readline() == "g0\n"
        for generation in range(1, COPIES + 1):
            commit(database, generation)  # not delayed: the reader holds the copy and not the database
            publish(database, database.parent / "public")
            reader.stdin.write("again\n")
            reader.stdin.flush()
        said, _ = reader.communicate()
    length = 32 * 20_000
    assert said.split() == f"1 20000 g0 g0 {length} 20000 g{COPIES} g{COPIES} {length}".split()


def test_a_reader_that_comes_at_any_moment_finds_a_whole_copy(database: Path) -> None:
    command = (sys.executable, "-c", RESTLESS, database.parent / "public/logbounce.duckdb", str(COPIES))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        generation = 0
        while reader.poll() is None:
            generation += 1
            commit(database, generation)
            publish(database, database.parent / "public")
        said = reader.communicate()[0]
    assert (reader.returncode, said) == (0, "True\n")
    assert [path.name for path in (database.parent / "public").iterdir()] == ["logbounce.duckdb"]
