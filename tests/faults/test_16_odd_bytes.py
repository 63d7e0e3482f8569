"""Fault 16: invalid UTF-8, NUL, lone CR and ANSI escapes in a log are stored, and escaped when shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from tests.faults.site import Site
from tests.unit.cli.command import logbounce
from tests.unit.ingest.logs import arrival, attempt

if TYPE_CHECKING:
    from pathlib import Path

ODD = {
    "utf8": b"caf\xe9 \xff\xfe \xed\xa0\x80",
    "nul": b"nul\0nul",
    "cr": b"carriage\rreturn",
    "ansi": b"\x1b[2J\x1b]0;title\x07",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    # A NUL in the first kilobyte makes a binary file.
    lines = [line.encode() for n in range(10) for line in arrival(n, f"4TXAA{n}")]
    for name, odd in ODD.items():
        reason = b"host mx[192.0.2.1] said: 550 5.7.1 blocked: " + odd + b" (in reply to RCPT TO command)"
        text = attempt(1, "4TXAA0", f"{name}@example.org", "bounced", "REASON").encode()
        lines += [text.replace(b"REASON", reason), text.replace(b"REASON", odd).removesuffix(b")") + b" cut"]
    (folder / "mail.log").write_bytes(b"\n".join(lines) + b"\n")
    assert logbounce("ingest", "mail.log", cwd=folder).returncode == 0
    return folder


def ask(home: Path, sql: str) -> str:
    return logbounce("query", sql, "--csv", cwd=home).stdout


def test_tail_stores_the_same(home: Path, tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.log.write_bytes((home / "mail.log").read_bytes())
    site.once()
    with connect(home / "logbounce.duckdb", read_only=True) as connection:
        for sql in (
            "select recipient, response from attempts order by all",
            "select line from unparsed_lines order by all",
        ):
            assert site.query(sql) == connection.execute(sql).fetchall()


def test_every_line_is_stored(home: Path) -> None:
    assert ask(home, "select count(*) as n from attempts") == f"n\r\n{len(ODD)}\r\n"
    assert ask(home, "select count(*) as n from unparsed_lines") == f"n\r\n{len(ODD)}\r\n"


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("utf8", r"caf\xe9 \xff\xfe \xed\xa0\x80"),
        ("nul", "nul\0nul"),
        ("cr", "carriage\rreturn"),
        ("ansi", "\x1b[2J\x1b]0;title\x07"),
    ],
)
def test_it_is_stored_as_it_came_and_what_is_no_text_by_its_bytes(home: Path, name: str, stored: str) -> None:
    codes = ", ".join(f"chr({ord(character)})" for character in stored)
    sql = f"select count(*) as n from attempts where recipient like '{name}@%' and contains(response, concat({codes}))"  # noqa: S608 - of this file
    assert ask(home, sql) == "n\r\n1\r\n"


@pytest.mark.parametrize(
    "command",
    [
        ("query", "select response from attempts"),
        ("query", "select line from unparsed_lines"),
        ("query", "select response from attempts", "--json"),
        ("query", "select line from unparsed_lines", "--csv"),
        ("status",),
        ("status", "--json"),
        ("report", "--since", "2026-11-01", "--until", "2026-12-01"),
        ("report", "--since", "2026-11-01", "--until", "2026-12-01", "--json"),
        ("parse", "mail.log"),
        ("suppress", "list"),
    ],
    ids=" ".join,
)
def test_what_is_shown_is_printable(home: Path, command: tuple[str, ...]) -> None:
    done = logbounce(*command, cwd=home)
    assert done.returncode in {0, 1}, done.stderr
    shown = done.stdout.replace("\r\n", "\n")
    assert shown
    assert [line for line in shown.split("\n") if not line.isprintable()] == []
