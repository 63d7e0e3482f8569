"""What is read of each sample log stands in a golden file beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.follow import open_log
from tests.golden.reading import GOLDEN, PARSERS, Event, as_json, belongs, events, parsed, samples

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = samples()


def names(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module", params=SAMPLES, ids=names)
def sample(request: pytest.FixtureRequest) -> Path:
    """Return each sample in turn."""
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def read(sample: Path) -> list[Event]:
    """Return what is read of it."""
    with parsed(sample) as connection:
        return events(connection)


def test_a_sample_gives_its_golden_file(sample: Path, read: list[Event], *, update_golden: bool) -> None:
    golden = GOLDEN / f"{sample.name}.jsonl"
    lines = [as_json(event) for event in read]
    if update_golden:
        golden.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert golden.is_file(), "read what `pytest tests/golden --update-golden` writes, then commit it"
    assert lines == golden.read_text(encoding="utf-8").splitlines()


def test_an_event_stands_at_the_beginning_of_its_line(sample: Path, read: list[Event]) -> None:
    with open_log(str(sample)) as log:
        data = log.stream.read(-1)
    before = {data[event["pos"] - 1 : event["pos"]] for event in read if event["pos"] > 0}
    assert before <= {b"\n", b"\xbf"}  # U+FEFF at the start of a file is EF BB BF


def test_attempts_are_told_from_each_other(read: list[Event]) -> None:
    ids = [(event["line_id"]) for event in read if event["kind"] == "attempt"]
    assert len(ids) == len(set(ids))


def test_a_golden_file_has_a_sample() -> None:
    assert {path.stem for path in GOLDEN.glob("*.jsonl")} == {path.name for path in SAMPLES}


@pytest.mark.parametrize("parser", PARSERS)
def test_a_parser_has_a_sample(parser: str) -> None:
    assert samples(parser)


def test_a_sample_has_a_parser() -> None:
    assert [path.name for path in SAMPLES if not any(belongs(path.name, parser) for parser in PARSERS)] == []
