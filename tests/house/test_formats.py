"""A log format is a parser, a sample log and a golden file: all three or none."""

from __future__ import annotations

import pytest

from tests.golden.reading import GOLDEN, PARSERS, samples


@pytest.mark.parametrize("parser", PARSERS)
def test_a_parser_has_a_sample_log_and_a_golden_file(parser: str) -> None:
    logs = samples(parser)
    assert logs, f"sample_logs/ has no {parser}*"
    assert [log.name for log in logs if not (GOLDEN / f"{log.name}.jsonl").is_file()] == []


def test_a_sample_log_has_a_parser() -> None:
    assert {log for parser in PARSERS for log in samples(parser)} == set(samples())


def test_the_four_mail_servers_are_there() -> None:
    assert {"postfix", "exim", "powermta", "kumomta"} <= set(PARSERS)
