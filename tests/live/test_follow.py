"""A real Postfix under logrotate for a minute, `tail` killed at random: the outcomes are those that were injected."""

from __future__ import annotations

import collections
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.cases import Case, cases_for, steady
from tests.live.program import Row, attempts, check, expected, ingest, key, query

if TYPE_CHECKING:
    from pathlib import Path

CASES = cases_for("postfix")


@pytest.fixture(scope="module")
def database(postfix_followed: Path) -> Path:
    return postfix_followed / "followed.duckdb"


@pytest.fixture(scope="module")
def facts(postfix_followed: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((postfix_followed / "facts.json").read_text())
    return found


@pytest.fixture(scope="module")
def outcomes(database: Path) -> list[Row]:
    return query(database, "from outcomes")


def test_it_was_hard(facts: dict[str, Any]) -> None:
    assert facts["kills"] >= 15
    assert facts["rotations"] >= 6
    assert facts["sent"] >= 60


def test_the_last_run_found_nothing_amiss(facts: dict[str, Any], database: Path) -> None:
    assert (facts["code"], facts["said"]) == (0, "")
    assert query(database, "from source_gaps") == []
    assert query(database, "from unparsed_lines") == []


@pytest.mark.parametrize("case", CASES, ids=Case.label)
def test_case(case: Case, outcomes: list[Row]) -> None:
    check(case, outcomes)


def test_each_message_of_the_steady_traffic(facts: dict[str, Any], outcomes: list[Row]) -> None:
    for number in range(facts["sent"]):
        check(steady(number), outcomes)


def test_nothing_else_is_counted(facts: dict[str, Any], outcomes: list[Row]) -> None:
    counted = [key(row) for row in outcomes if row["outcome"] != "relayed"]
    assert sorted(counted) == sorted(expected([*CASES, *map(steady, range(facts["sent"]))]))


def test_what_the_far_side_accepted_was_delivered_once(database: Path, postfix_followed: Path) -> None:
    far = [json.loads(line) for line in (postfix_followed / "farside.jsonl").read_text().splitlines()]
    accepted = collections.Counter(answer["recipient"].lower() for answer in far if answer["reply"].startswith("250"))
    rows = query(database, "select recipient from attempts where outcome = 'delivered' and smtp_code = 250")
    assert collections.Counter(row["recipient"].lower().replace("xn--bcher-kva", "bücher") for row in rows) == accepted


def test_it_is_as_if_the_whole_log_had_been_read_at_once(
    database: Path, postfix_followed: Path, tmp_path: Path
) -> None:
    ingest(tmp_path / "db", postfix_followed / "log")
    assert attempts(database) == attempts(tmp_path / "db")
