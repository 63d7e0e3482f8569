"""What is read of each sample message stands in a golden file, with the class that the rules give it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from logbounce import shipped
from logbounce.ingest import events_of_messages
from logbounce.rules import load_rules

if TYPE_CHECKING:
    from logbounce.errors import InputError

FOLDER = Path(shipped.sample_logs()) / "messages"
GOLDEN = Path(__file__).parent / "messages"
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.is_file())


def refuse(error: InputError) -> None:
    raise error


@pytest.fixture(scope="module")
def read() -> dict[str, list[str]]:
    """Return the lines of each sample; all are classified together, as one command does it."""
    lines: dict[str, list[str]] = {path.name: [] for path in SAMPLES}
    for event in events_of_messages([str(path) for path in SAMPLES], load_rules(), refuse):
        name = Path(event.pop("file")).name
        lines[name].append(json.dumps(event, ensure_ascii=False))
    return lines


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_message_gives_its_golden_file(path: Path, read: dict[str, list[str]], *, update_golden: bool) -> None:
    golden = GOLDEN / f"{path.name}.jsonl"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text("".join(f"{line}\n" for line in read[path.name]), encoding="utf-8")
    assert golden.is_file(), "read what `pytest tests/golden --update-golden` writes, then commit it"
    assert read[path.name] == golden.read_text(encoding="utf-8").splitlines()


def test_a_golden_file_has_a_message() -> None:
    assert {path.stem for path in GOLDEN.glob("*.jsonl")} == {path.name for path in SAMPLES}


def test_every_kind_has_a_sample(read: dict[str, list[str]]) -> None:
    kinds = {json.loads(line)["kind"] for lines in read.values() for line in lines}
    assert kinds >= {"bounce", "delayed", "feedback", "autoreply", "nonbounce", "delivered"}
