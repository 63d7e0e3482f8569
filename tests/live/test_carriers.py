"""One real Postfix log gives the same attempts in every carrier."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.live.carriers import CARRIERS, ENVELOPES, Line, carried, read, repeated
from tests.live.program import Row, attempts, ingest, query

if TYPE_CHECKING:
    from pathlib import Path

GROUPS = "select message_id, queue_id, recipient, outcome, attempts from outcomes order by all"


@pytest.fixture(scope="module")
def truth(postfix_log: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], list[Row]]:
    path = tmp_path_factory.mktemp("truth") / "db"
    ingest(path, postfix_log)
    return stored(path)


@pytest.fixture(scope="module")
def lines(postfix_log: Path) -> list[Line]:
    written = dt.datetime.fromtimestamp(postfix_log.stat().st_mtime, dt.UTC)
    return read(postfix_log.read_text(), written.year)


def stored(database: Path) -> tuple[list[Row], list[Row]]:
    """Return the attempts, and how they were put together."""
    return attempts(database), query(database, GROUPS)


def brought(log: bytes, folder: Path) -> tuple[list[Row], list[Row]]:
    (folder / "log").write_bytes(log)
    ingest(folder / "db", folder / "log")
    return stored(folder / "db")


@pytest.mark.parametrize("carrier", CARRIERS)
def test_carrier(carrier: str, lines: list[Line], truth: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    assert brought(carried(lines, CARRIERS[carrier]), tmp_path) == truth


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_envelope(envelope: str, postfix_log: Path, truth: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    assert brought(ENVELOPES[envelope](postfix_log.read_bytes()), tmp_path) == truth


def test_repetitions_are_the_lines_that_they_stand_for(lines: list[Line], tmp_path: Path) -> None:
    """Each deferral comes again a second later: once in full, once as a repetition."""
    doubled = [copy for line in lines for copy in (again(line) if "status=deferred" in line.text else (line,))]
    in_full = tmp_path / "full"
    in_full.mkdir()
    reduced = "".join(f"{line}\n" for line in repeated(doubled))
    assert "message repeated 1 times: [ " in reduced
    assert brought(reduced.encode(), tmp_path) == brought(carried(doubled, CARRIERS["rfc3164"]), in_full)


def again(line: Line) -> tuple[Line, Line]:
    return line, replace(line, time=line.time + dt.timedelta(seconds=1))
