from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from logbounce.rules import load_rules
from tests.unit.cli.command import fails, logbounce
from tests.unit.learn.mail import Mail

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "2026-01-05 10:00:00", "2026-11-20 10:00:00"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with connect(folder / "logbounce.duckdb") as connection:
        mail = Mail(connection)
        for said in ("550 5.1.1 <bob@example.org>: user unknown", "550 5.1.1 <ann@example.org>: user unknown"):
            mail.attempt("bob@example.org", said, event_time=NEW)
        mail.attempt("BOB@example.org", "550 5.1.1 there: user unknown", event_time=OLD)
        mail.attempt("ann@example.org", "552 5.2.2 mailbox full", event_time=OLD)
        mail.attempt("ann@example.org", "444 hm hm", event_time=NEW)
        mail.attempt("ann@example.org", None, event_time=NEW)
        mail.attempt("eve@example.org", "250 2.0.0 queued", event_time=NEW, outcome="relayed")
        mail.judge(load_rules())
    return folder


def _json(home: Path, *flags: str) -> dict[str, object]:
    done = logbounce("rules", "coverage", "--json", *flags, cwd=home)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_each_rule_that_decided_has_its_figures(home: Path) -> None:
    found = _json(home)
    assert (found["since"], found["refused_attempts"], found["undetermined_attempts"]) == (None, 5, 1)
    assert found["undetermined_share"] == pytest.approx(0.2)
    first = {"rule_id": "user-unknown", "category": "bad-mailbox", "bounce_class": "hard"}
    second = {"rule_id": "quota-words", "category": "mailbox-full", "bounce_class": "soft"}
    assert found["rules"] == [
        {**first, "attempts": 3, "addresses": 1, "templates": 2, "last_time": "2026-11-20T10:00:00"},
        {**second, "attempts": 1, "addresses": 1, "templates": 1, "last_time": "2026-01-05T10:00:00"},
    ]


def test_the_rules_that_decided_nothing(home: Path) -> None:
    unused = _json(home)["unused"]
    assert isinstance(unused, list)
    ids = [row["rule_id"] for row in unused]
    assert len(ids) == len(load_rules().rules) - 2
    assert "user-unknown" not in ids
    listed = logbounce("rules", "coverage", "--unused", "--csv", cwd=home).stdout
    assert [row["rule_id"] for row in csv.DictReader(io.StringIO(listed))] == ids


def test_a_period(home: Path) -> None:
    found = _json(home, "--since", "2026-11-01")
    assert (found["refused_attempts"], found["undetermined_attempts"]) == (3, 1)
    assert found["rules"] == [row for row in found["rules"] if row["rule_id"] == "user-unknown"]  # type: ignore[attr-defined]


def test_as_text_and_csv(home: Path) -> None:
    shown = logbounce("rules", "coverage", cwd=home).stdout.splitlines()
    assert shown[0].split() == [
        "rule_id",
        "category",
        "bounce_class",
        "attempts",
        "addresses",
        "templates",
        "last_time",
    ]
    assert shown[1].split()[:6] == ["user-unknown", "bad-mailbox", "hard", "3", "1", "2"]
    rules = len(load_rules().rules)
    assert shown[-1].startswith("5 refused attempts; 1 undetermined, 20.00 %. ")
    assert shown[-1].endswith(f"{rules - 2} of {rules} rules decided nothing (--unused lists them).")
    rows = list(csv.DictReader(io.StringIO(logbounce("rules", "coverage", "--csv", cwd=home).stdout)))
    assert [row["rule_id"] for row in rows] == ["user-unknown", "quota-words"]


def test_an_empty_database_has_no_share(tmp_path: Path) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    assert _json(tmp_path)["undetermined_share"] is None
    assert "0 refused attempts; 0 undetermined. " in logbounce("rules", "coverage", cwd=tmp_path).stdout


def test_a_time_that_is_none_is_a_wrong_command_line(home: Path) -> None:
    assert "--since: 'soon' is no time" in fails(logbounce("rules", "coverage", "--since", "soon", cwd=home), 2)
