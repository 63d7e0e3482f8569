"""Fault 29: formulas, terminal escapes and HTML from log text are inert in every output."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from tests.unit.cli.command import logbounce
from tests.unit.cli.rows import insert

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    'a","=1+1',
    "a;=1+1",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "\x7f\x00",
    "user\u202egpj.exe",
    "line\u2028line",
    "\u200binvisible",
    "<script>alert(1)</script>",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with connect(folder / "logbounce.duckdb") as connection:
        for number, text in enumerate(HOSTILE):
            connection.execute("insert into unparsed_lines values ($1, 'mx1', $1, $2, $2)", [number, text])
        escape = HOSTILE[10]
        insert(connection, "sources", source_name=escape, path=escape, carrier=escape, unparsed=1)
        insert(connection, "unparsed_lines", source_name=escape, reason=escape, line=escape)
    return folder


def inert(output: str) -> bool:
    """Tell whether every character can be printed: nothing is left for a terminal to act on."""
    return all(line.isprintable() for line in output.replace("\r\n", "\n").split("\n"))


LINES = "select line from unparsed_lines where source_name = 'mx1' order by source_offset"


NESTED = "select [line] as x, {'line': line} as y from unparsed_lines"


@pytest.mark.parametrize("flags", [(), ("--json",), ("--csv",)])
@pytest.mark.parametrize("command", [("query", LINES), ("query", NESTED)])
def test_a_query_prints_nothing_that_acts(home: Path, command: tuple[str, ...], flags: tuple[str, ...]) -> None:
    done = logbounce(*command, *flags, cwd=home)
    assert done.returncode == 0
    assert inert(done.stdout)


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_status_prints_nothing_that_acts(home: Path, flags: tuple[str, ...]) -> None:
    done = logbounce("status", *flags, cwd=home)
    assert done.returncode == 0
    assert "[2J" in done.stdout
    assert inert(done.stdout)


def test_no_cell_is_a_formula(home: Path) -> None:
    output = logbounce("query", LINES, "--csv", cwd=home).stdout
    cells = [cell for row in csv.reader(io.StringIO(output, newline="")) for cell in row]
    assert len(cells) == 1 + len(HOSTILE)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))] == []


def test_no_cell_splits_at_another_separator(home: Path) -> None:
    assert '"a;=1+1"' in logbounce("query", LINES, "--csv", cwd=home).stdout


def test_numbers_stay_numbers(home: Path) -> None:
    assert logbounce("query", "select -1 as x, -1.5 as y", "--csv", cwd=home).stdout == "x,y\r\n-1,-1.5\r\n"


def test_json_gives_the_text_back(home: Path) -> None:
    found = json.loads(logbounce("query", LINES, "--json", cwd=home).stdout)
    assert [row["line"] for row in found] == HOSTILE


@pytest.mark.parametrize("name", ["\x1b[2J", "x\u202ey", "\x7f"])
def test_an_error_shows_a_file_name_without_acting_on_it(home: Path, name: str) -> None:
    done = logbounce("status", "--db", name, cwd=home)
    assert done.returncode == 5
    assert inert(done.stderr)


ACTING = "x\x1b]0;pwn\x07\u202e\x9b31m\u2028\nError: y"


@pytest.mark.parametrize(
    "command",
    [
        (f"--{ACTING}",),
        (ACTING,),
        ("init", ACTING),
        ("tail", ACTING),
        ("ingest", f"--{ACTING}"),
        ("query", "select 1", ACTING),
        ("status", ACTING),
        ("rules", ACTING),
        ("rules", "list", ACTING),
        ("verp", f"--{ACTING}"),
        ("verp", "sign", ACTING),
    ],
)
def test_a_usage_error_shows_what_was_given_without_acting_on_it(home: Path, command: tuple[str, ...]) -> None:
    (home / "logbounce.yaml").write_text("verp: {domain: x.example, keys: [{name: a, secret_env: VERP}]}\n")
    done = logbounce(*command, cwd=home, variables={"VERP": "0123456789abcdef"})
    assert done.returncode == 2
    assert inert(done.stderr)
    assert "pwn" in done.stderr
    assert "\nError: y" not in done.stderr


def test_help_has_its_lines(home: Path) -> None:
    done = logbounce("rules", cwd=home)
    assert done.returncode == 2
    assert "\\n" not in done.stderr
    assert len(done.stderr.splitlines()) > 10


def test_a_column_may_be_called_anything(home: Path) -> None:
    sql = 'select 1 as "\x1b[2J", 2 as "=1"'
    assert inert(logbounce("query", sql, cwd=home).stdout)
    assert logbounce("query", sql, "--csv", cwd=home).stdout.splitlines()[0] == "\\x1b[2J,'=1"
