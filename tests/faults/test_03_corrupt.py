"""Fault 3: a corrupt database: a clear error that says what to do; a rebuilt one has the published copy's rows."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from logbounce.database import connect
from logbounce.publish import publish
from tests.unit.cli.command import fails, logbounce
from tests.unit.ingest.logs import START, arrival, attempt, expired, removed

if TYPE_CHECKING:
    from collections.abc import Callable

RELATIONS = {
    "attempts": "from attempt_rows order by all",
    "outcomes": "from outcomes order by all",
    "messages": "from messages order by all",
    "templates": "from response_templates order by all",
    "complaints": "from complaints order by all",
    "unparsed": "from unparsed_lines order by all",
    "ledger": "select * exclude (number, decided_at) from suppression_ledger order by all",
    "gaps": "from source_gaps order by all",
    "sources": "select source_name, parse_filename(path), position, lines_read, attempts, noise, unparsed"
    " from sources order by all",
}
READERS = [("status",), ("query", "select sum(hash(t)) from attempt_rows as t"), ("report",), ("suppress", "list")]
WRITERS = [("ingest", "mail.log"), ("compact",), ("backup", "copy.duckdb"), ("purge", "--keep", "1d")]


def log(day: int) -> list[str]:
    """Return a day's log: mail that is accepted, refused, given up, and a line that nobody understands."""
    lines = []
    for number in range(40):
        second, queue_id = day * 86_400 + number * 60, f"4TX{day}{number:03d}"
        said = {0: ("bounced", "host mx[192.0.2.1] said: 550 5.1.1 user unknown"), 1: ("deferred", "timed out")}
        lines += [
            *arrival(second, queue_id),
            attempt(second + 1, queue_id, f"u{number}@example.org", *said.get(number % 5, ())),
            *([expired(second + 2, queue_id)] if number % 5 == 1 else []),
            removed(second + 3, queue_id),
        ]
    return [*lines, lines[-2].replace("dsn=", "nsd=")]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with rotated logs, settings that name them, a database made of them and its published copy."""
    home = tmp_path_factory.mktemp("model")
    for name, day in (("mail.log.1", 0), ("mail.log", 1)):
        (home / name).write_text("".join(f"{line}\n" for line in log(day)))
    (home / "logbounce.yaml").write_text("sources: [{name: mx1, format: postfix, path: mail.log}]\ntimezone: UTC\n")
    assert logbounce("ingest", "mail.log.1", "mail.log", "--db", "logbounce.duckdb", cwd=home).stderr == ""
    with connect(home / "logbounce.duckdb") as connection:
        connection.execute(
            "insert into source_gaps values ('mx1', 'mail.log', $1, 'rotated away', 0, 10, null, $1)", [START]
        )
    (home / "public").mkdir()
    publish(home / "logbounce.duckdb", home / "public")
    return home


@pytest.fixture
def home(model: Path, tmp_path: Path) -> Path:
    home = shutil.copytree(model, tmp_path / "home")
    for relative in ("mail.log.1", "mail.log"):
        shutil.copystat(model / relative, home / relative)
    return Path(home)


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in RELATIONS.items()}


def garbage(data: bytearray) -> bytearray:
    return bytearray(b"no database at all\n" * (len(data) // 19))


def cut(data: bytearray) -> bytearray:
    return data[: len(data) // 2]


def zeroed(data: bytearray) -> bytearray:
    return data[: len(data) // 2] + bytes(len(data) - len(data) // 2)


def headers(data: bytearray) -> bytearray:
    """Overwrite both headers, one of which DuckDB goes by (https://duckdb.org/docs/stable/internals/storage)."""
    data[4096:12288] = random.Random(1).randbytes(8192)  # noqa: S311 - the same damage each time
    return data


def every_block(data: bytearray) -> bytearray:
    """Change one byte in each block of 256 KiB."""
    for place in range(12288 + 4096, len(data), 256 * 1024):
        data[place] ^= 0xFF
    return data


DAMAGES = [garbage, cut, zeroed, headers, every_block]


def damage(path: Path, how: Callable[[bytearray], bytearray]) -> None:
    path.write_bytes(how(bytearray(path.read_bytes())))


@pytest.mark.parametrize("how", DAMAGES)
def test_the_error_says_what_to_do(home: Path, how: Callable[[bytearray], bytearray]) -> None:
    damage(home / "logbounce.duckdb", how)
    before = (home / "logbounce.duckdb").read_bytes()
    line = fails(logbounce("status", "--db", "logbounce.duckdb", cwd=home), 5)
    assert line.startswith("logbounce.duckdb: is ")
    assert "`logbounce rebuild` makes it again from the logs" in line
    assert (home / "logbounce.duckdb").read_bytes() == before


@pytest.mark.parametrize("command", [*READERS, *WRITERS])
def test_every_command_says_it(home: Path, command: tuple[str, ...]) -> None:
    damage(home / "logbounce.duckdb", every_block)
    done = logbounce(*command, "--db", "logbounce.duckdb", cwd=home)
    assert "`logbounce rebuild` makes it again from the logs" in fails(done, 5)


@pytest.mark.parametrize("how", DAMAGES)
def test_it_is_rebuilt_with_the_rows_of_the_published_copy(home: Path, how: Callable[[bytearray], bytearray]) -> None:
    expected = rows(home / "public/logbounce.duckdb")
    assert min(len(expected[name]) for name in ("attempts", "outcomes", "messages", "unparsed", "ledger")) > 0
    damage(home / "logbounce.duckdb", how)
    done = logbounce("rebuild", "--db", "logbounce.duckdb", cwd=home)
    assert done.returncode == 0, done.stderr
    assert (
        "what no log tells is lost with it: manual suppressions and releases, forgotten addresses, gaps" in done.stderr
    )
    found = rows(home / "logbounce.duckdb")
    assert found.pop("gaps") == []
    assert len(expected.pop("gaps")) == 1
    assert found == expected
    assert (home / "logbounce.duckdb.old").exists()


def test_a_whole_one_is_rebuilt_with_what_no_log_tells(home: Path) -> None:
    done = logbounce("rebuild", "--db", "logbounce.duckdb", cwd=home)
    assert (done.returncode, "lost" in done.stderr) == (0, False), done.stderr
    assert rows(home / "logbounce.duckdb") == rows(home / "public/logbounce.duckdb")


def test_a_published_copy_can_take_its_place(home: Path) -> None:
    damage(home / "logbounce.duckdb", every_block)
    shutil.copy(home / "public/logbounce.duckdb", home / "logbounce.duckdb")
    assert logbounce("ingest", "mail.log.1", "mail.log", "--db", "logbounce.duckdb", cwd=home).returncode == 0
    assert rows(home / "logbounce.duckdb") == rows(home / "public/logbounce.duckdb")
