"""A log format is a parser, a sample log and a golden file: all three or none."""

from __future__ import annotations

import pytest

from tests.house.tree import ROOT, files

PARSERS = sorted(path.stem for path in (ROOT / "parsers").glob("*.sql"))


def stems(folder: str) -> list[str]:
    return [path.name for path in files() if path.is_relative_to(ROOT / folder)]


def belongs(file: str, parser: str) -> bool:
    """Whether a sample or golden file is that parser's: NAME.log, NAME-more.log, NAME_more.csv.gz."""
    return file.startswith(parser) and file[len(parser) :].startswith((".", "-", "_"))


@pytest.mark.parametrize("parser", PARSERS)
def test_a_parser_has_a_sample_log_and_a_golden_file(parser: str) -> None:
    missing = [
        folder for folder in ("sample_logs", "tests/golden") if not any(belongs(f, parser) for f in stems(folder))
    ]
    assert missing == []


@pytest.mark.parametrize("folder", ["sample_logs", "tests/golden"])
def test_a_sample_or_golden_file_has_a_parser(folder: str) -> None:
    suffixes = (".json",) if folder == "tests/golden" else ("",)
    strays = [f for f in stems(folder) if f.endswith(suffixes) and not any(belongs(f, parser) for parser in PARSERS)]
    assert strays == []


def test_the_four_mail_servers_are_there() -> None:
    assert {"postfix", "exim", "powermta", "kumomta"} <= set(PARSERS)
