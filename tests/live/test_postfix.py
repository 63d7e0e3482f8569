"""The log of a real Postfix gives the outcomes that the case table tells: no more, no less."""

from __future__ import annotations

import collections
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.live.cases import Case, cases_for
from tests.live.program import Row, attempts, check, expected, ingest, key, logbounce, query

if TYPE_CHECKING:
    from pathlib import Path

CASES = cases_for("postfix")
ALL = "select * from outcomes"


@pytest.fixture(scope="module")
def database(postfix_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("postfix") / "db"
    ingest(path, postfix_log)
    return path


@pytest.fixture(scope="module")
def outcomes(database: Path) -> list[Row]:
    return query(database, ALL)


@pytest.fixture(scope="module")
def outcomes_of_long_ids(postfix_log_long_ids: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    path = tmp_path_factory.mktemp("long") / "db"
    ingest(path, postfix_log_long_ids)
    return query(path, ALL)


@pytest.mark.parametrize("case", CASES, ids=Case.label)
def test_case(case: Case, outcomes: list[Row]) -> None:
    check(case, outcomes)


@pytest.mark.parametrize("case", CASES, ids=Case.label)
def test_case_with_long_queue_ids(case: Case, outcomes_of_long_ids: list[Row]) -> None:
    check(case, outcomes_of_long_ids)


def test_nothing_but_the_cases_is_counted(outcomes: list[Row]) -> None:
    """Own DSNs, probes, rejections and hops are no outcomes of ours."""
    counted = [key(row) for row in outcomes if row["outcome"] != "relayed"]
    assert sorted(counted) == sorted(expected(CASES))


def test_own_bounces_are_relayed(outcomes: list[Row], postfix_log: Path) -> None:
    notified = re.findall(
        r"(?:notification|sender delay notification): ([0-9A-F]+)$", postfix_log.read_text(), re.MULTILINE
    )
    assert len(notified) > len(CASES) / 4
    assert {row["queue_id"]: row["outcome"] for row in outcomes if row["queue_id"] in notified} == dict.fromkeys(
        notified, "relayed"
    )


def test_what_the_far_side_accepted_was_delivered_once(database: Path, postfix_log: Path) -> None:
    far = [json.loads(line) for line in (postfix_log.parent / "farside.jsonl").read_text().splitlines()]
    accepted = collections.Counter(answer["recipient"].lower() for answer in far if answer["reply"].startswith("250"))
    rows = query(database, "select recipient from attempts where outcome = 'delivered' and smtp_code = 250")
    assert collections.Counter(row["recipient"].lower().replace("xn--bcher-kva", "bücher") for row in rows) == accepted


def test_what_the_far_side_refused_for_good_bounced(database: Path, postfix_log: Path) -> None:
    far = [json.loads(line) for line in (postfix_log.parent / "farside.jsonl").read_text().splitlines()]
    refused = collections.Counter(answer["recipient"].lower() for answer in far if answer["reply"].startswith("5"))
    refused["nouser@example.org"] -= 1  # an address probe
    rows = query(
        database, "select recipient, sender from attempts where outcome = 'bounced' and smtp_stage in ('rcpt', 'eom')"
    )
    assert collections.Counter(row["recipient"].lower().replace("xn--bcher-kva", "bücher") for row in rows) == refused


@pytest.mark.parametrize("case", [case for case in CASES if case.outcome == "expired"], ids=Case.label)
def test_tries_are_the_deferrals_of_a_delivery_agent(case: Case, outcomes: list[Row], postfix_log: Path) -> None:
    logged = re.findall(
        rf" postfix/(?:smtp|pipe)\[\d+\]: \w+: to=<{re.escape(case.recipient)}>", postfix_log.read_text()
    )
    assert [row["attempts"] for row in outcomes if key(row) == case.key] == [len(logged)]


def test_ingesting_again_adds_nothing(database: Path, postfix_log: Path) -> None:
    before = attempts(database)
    ingest(database, postfix_log)
    assert attempts(database) == before


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_head_and_tail_in_two_runs_give_the_same(
    share: float, database: Path, postfix_log: Path, tmp_path: Path
) -> None:
    log = postfix_log.read_bytes()
    cut = log.index(b"\n", int(len(log) * share)) + 1
    for part, text in (("head", log[:cut]), ("tail", log[cut:])):
        (tmp_path / part).write_bytes(text)
        ingest(tmp_path / "db", tmp_path / part)
    assert attempts(tmp_path / "db") == attempts(database)


def test_a_log_that_grows_gives_the_same(database: Path, postfix_log: Path, tmp_path: Path) -> None:
    log = postfix_log.read_bytes()
    for size in (len(log) // 3, len(log) * 2 // 3, len(log)):  # in the middle of a line
        (tmp_path / "log").write_bytes(log[:size])
        ingest(tmp_path / "db", tmp_path / "log")
    assert attempts(tmp_path / "db") == attempts(database)


def test_the_settings_map_an_instance_to_its_ip(postfix_log: Path, tmp_path: Path) -> None:
    (tmp_path / "logbounce.yaml").write_text("source_ips: {postfix-ip1: 198.51.100.10}\n")
    logbounce("ingest", "--db", tmp_path / "db", "--config", tmp_path / "logbounce.yaml", postfix_log)
    rows = query(tmp_path / "db", "select distinct sender, source_ip from attempts where source_ip is not null")
    assert {row["sender"]: row["source_ip"] for row in rows} == {
        "ip2@sender.test": "127.0.20.2",
        "ip3@sender.test": "198.51.100.10",
    }


def test_every_line_is_understood(database: Path) -> None:
    assert query(database, "select line, reason from unparsed_lines") == []
