"""`logbounce demo`: the report on samples, in every shape, and by which rules."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from logbounce import shipped
from logbounce.cli.app import app
from logbounce.errors import Exit
from tests.unit.ingest.following import HARD, message
from tests.unit.rules.helpers import rule

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with one small log for the samples."""
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples/postfix.log").write_text(message(0) + message(1, "bounced", HARD))
    monkeypatch.setattr(shipped, "sample_logs", lambda: tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def demo(*arguments: str) -> Result:
    done = CliRunner().invoke(app, ["demo", *arguments])
    assert done.exit_code == Exit.OK, done.output
    assert done.stderr == "postfix.log: postfix, 8 lines, 2 attempts, 0 not understood\n"
    return done


def test_json_is_that_of_the_report() -> None:
    shown = json.loads(demo("--json", "--db", "kept.duckdb").stdout)
    report = json.loads(CliRunner().invoke(app, ["report", "--json", "--db", "kept.duckdb"]).stdout)
    assert shown["headline"] == report["headline"]
    assert (shown["headline"]["messages"], shown["headline"]["bounced"]) == (2, 1)
    assert shown.keys() == report.keys()


def test_csv_is_that_of_the_report() -> None:
    rows = list(csv.DictReader(demo("--csv").stdout.splitlines()))
    assert {row["metric"]: row["value"] for row in rows if row["section"] == "headline"}["bounced"] == "1"


def test_settings_that_are_named_give_their_rules_and_nothing_else(home: Path) -> None:
    (home / "mine.yaml").write_text(rule(text="no such user", hit="550 no such user", category="mailbox-full"))
    sources = "sources: [{name: mx9, format: exim, path: samples/postfix.log}]\nsource_ips: {postfix: 192.0.2.77}\n"
    (home / "logbounce.yaml").write_text(f"rules: mine.yaml\ndatabase: other.duckdb\n{sources}")
    assert json.loads(demo("--json").stdout)["headline"]["hard"] == 1
    shown = json.loads(demo("--json", "--config", "logbounce.yaml").stdout)
    assert (shown["headline"]["hard"], shown["headline"]["soft"]) == (0, 1)
    assert "192.0.2.77" not in json.dumps(shown)
    assert not (home / "other.duckdb").exists()


def test_the_text_is_as_ever() -> None:
    assert demo().stdout.startswith("logbounce report, everything that was read\n")
