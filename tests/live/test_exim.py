"""The log of a real Exim gives the outcomes that the case table tells, with few log selectors and with all."""

from __future__ import annotations

import collections
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.live.cases import Case, cases_for
from tests.live.program import Row, attempts, check, expected, ingest, key, query

if TYPE_CHECKING:
    from pathlib import Path

CASES = cases_for("exim")
ALL = "select * from outcomes"


@pytest.fixture(scope="module")
def database(exim_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exim") / "db"
    ingest(path, exim_log)
    return path


@pytest.fixture(scope="module")
def outcomes(database: Path) -> list[Row]:
    return query(database, ALL)


@pytest.fixture(scope="module")
def full_outcomes(exim_log_all_selectors: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    path = tmp_path_factory.mktemp("all") / "db"
    ingest(path, exim_log_all_selectors)
    return query(path, ALL)


@pytest.mark.parametrize("case", CASES, ids=Case.label)
def test_case(case: Case, outcomes: list[Row]) -> None:
    check(case, outcomes)


@pytest.mark.parametrize("case", CASES, ids=Case.label)
def test_case_with_all_selectors(case: Case, full_outcomes: list[Row]) -> None:
    check(case, full_outcomes)


def test_nothing_but_the_cases_is_counted(outcomes: list[Row], full_outcomes: list[Row]) -> None:
    for rows in (outcomes, full_outcomes):
        assert sorted(key(row) for row in rows if row["outcome"] != "relayed") == sorted(expected(CASES))


def test_the_interface_is_the_source_ip(full_outcomes: list[Row]) -> None:
    told = {row["sender"]: row["source_ip"] for row in full_outcomes if row["recipient"] == "ok@gmail.com"}
    assert told == {"news@sender.test": "127.0.20.1", "ip2@sender.test": "127.0.20.2"}


def test_no_timing_is_read_as_a_reply(full_outcomes: list[Row]) -> None:
    """The selector deliver_time adds DT= behind what the far side said."""
    assert [row["response"] for row in full_outcomes if re.search(r" DT=\S+$", row["response"] or "")] == []


def test_what_the_far_side_accepted_was_delivered_once(database: Path, exim_log: Path) -> None:
    far = [json.loads(line) for line in (exim_log.parent / "farside.jsonl").read_text().splitlines()]
    accepted = collections.Counter(answer["recipient"].lower() for answer in far if answer["reply"].startswith("250"))
    rows = query(database, "select recipient from attempts where outcome = 'delivered' and smtp_code = 250")
    assert collections.Counter(row["recipient"].lower().replace("xn--bcher-kva", "bücher") for row in rows) == accepted


@pytest.mark.parametrize("case", [case for case in CASES if case.outcome == "expired"], ids=Case.label)
def test_waiting_for_the_retry_time_is_no_try(case: Case, outcomes: list[Row], exim_log: Path) -> None:
    logged = [line for line in exim_log.read_text().splitlines() if f" == {case.recipient} " in line]
    tries = [line for line in logged if not re.search(r" defer \(-5[234]\)", line)]
    assert len(tries) < len(logged)
    assert [row["attempts"] for row in outcomes if key(row) == case.key] == [len(tries)]


def test_ingesting_again_adds_nothing(database: Path, exim_log: Path) -> None:
    before = attempts(database)
    ingest(database, exim_log)
    assert attempts(database) == before


def test_head_and_tail_in_two_runs_give_the_same(database: Path, exim_log: Path, tmp_path: Path) -> None:
    log = exim_log.read_bytes()
    cut = log.index(b"\n", len(log) // 2) + 1
    for part, text in (("head", log[:cut]), ("tail", log[cut:])):
        (tmp_path / part).write_bytes(text)
        ingest(tmp_path / "db", tmp_path / part)
    assert attempts(tmp_path / "db") == attempts(database)


def test_every_line_is_understood(database: Path) -> None:
    assert query(database, "select line, reason from unparsed_lines") == []
