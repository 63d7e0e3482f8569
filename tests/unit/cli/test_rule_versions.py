"""`logbounce rules apply`, `undo`, `replay` and `disagreements`, and what `status` says of them."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect
from logbounce.errors import Exit
from tests.unit.cli.command import fails, logbounce
from tests.unit.ingest.logs import arrival, attempt, removed

if TYPE_CHECKING:
    from pathlib import Path

SAID = "host mx[192.0.2.1] said: 550 5.1.1 user unknown \x1b[2J (in reply to RCPT TO command)"
RULES = """\
rules:
  - id: they-mean-us
    category: policy-block
    text: user unknown
    why: they say it of senders that they do not like
    hit: 550 5.1.1 user unknown
    miss: 550 no
"""


def run(home: Path, *arguments: str) -> str:
    done = logbounce(*arguments, cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def answer(home: Path, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(run(home, *arguments, "--json"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with a database in which gone@example.org is suppressed, and rules that would not."""
    lines = [
        *arrival(0, "4TX001"),
        attempt(1, "4TX001", "gone@example.org", "bounced", SAID),
        attempt(1, "4TX001", "fine@example.org"),
        removed(2, "4TX001"),
        *arrival(10, "4TX002"),
        attempt(11, "4TX002", "gone@example.org"),
        removed(12, "4TX002"),
    ]
    (tmp_path / "mail.log").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "mine.yaml").write_text(RULES)
    (tmp_path / "logbounce.yaml").write_text("timezone: UTC\n")
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == Exit.OK
    return tmp_path


def suppressed(home: Path) -> list[str]:
    return [row["address"] for row in answer(home, "suppress", "list")]


def test_replay_apply_status_and_undo(home: Path) -> None:
    told = answer(home, "rules", "replay", "mine.yaml")
    assert (told["totals"]["released"], told["totals"]["released_accepted_later"]) == (1, 1)
    assert suppressed(home) == ["gone@example.org"]

    done = logbounce("rules", "apply", "--rules", "mine.yaml", "--note", "a trial", cwd=home)
    assert [line.rsplit(maxsplit=1) for line in done.stdout.splitlines()] == [
        ["rules version 1", "n"],
        ["responses judged otherwise", "1"],
        ["addresses newly suppressed", "0"],
        ["addresses released", "1"],
        ["addresses suppressed for another reason", "0"],
    ]
    assert done.stderr == ("new responses are judged by the rules of the settings: name mine.yaml there, as `rules:`\n")
    assert suppressed(home) == []
    note = (
        "the rules in force give 1 of 1 responses another class: `logbounce rules replay` says what that would change"
    )
    assert note in answer(home, "status")["notes"]

    (home / "logbounce.yaml").write_text("timezone: UTC\nrules: mine.yaml\n")
    assert [line for line in answer(home, "status")["notes"] if "rules in force" in line] == []
    assert run(home, "rules", "apply") == "nothing changes: the rules judge what is stored as it was judged\n"

    undone = answer(home, "rules", "undo")
    assert (undone["version"], undone["undoes"], undone["suppressed"]) == (2, 1, 1)
    assert suppressed(home) == ["gone@example.org"]
    assert answer(home, "query", "select version, action, note from rule_versions order by version") == [
        {"version": 1, "action": "apply", "note": "a trial"},
        {"version": 2, "action": "undo", "note": None},
    ]


def test_a_version_as_csv(home: Path) -> None:
    for number, command in enumerate((("apply", "--rules", "mine.yaml"), ("undo",)), 1):
        (row,) = csv.DictReader(logbounce("rules", *command, "--csv", cwd=home).stdout.splitlines())
        assert (row["version"], row["action"], row["templates_changed"]) == (str(number), command[0], "1")


def test_there_is_nothing_to_take_back(home: Path) -> None:
    said = fails(logbounce("rules", "undo", cwd=home), Exit.NO)
    assert said == "no version of the rules is applied: `logbounce rules apply` makes one"


@pytest.mark.parametrize("command", ["apply", "undo", "replay", "disagreements"])
def test_a_database_that_is_not_there_is_refused(tmp_path: Path, command: str) -> None:
    assert "there is no database" in fails(logbounce("rules", command, cwd=tmp_path), Exit.DATABASE)
    assert not (tmp_path / "logbounce.duckdb").exists()


def test_bad_rules_change_nothing(home: Path) -> None:
    (home / "mine.yaml").write_text(RULES.replace("policy-block", "nonsense"))
    for command in (("apply", "--rules", "mine.yaml"), ("replay", "mine.yaml")):
        assert "category 'nonsense' is unknown" in fails(logbounce("rules", *command, cwd=home), Exit.SETTINGS)
    assert suppressed(home) == ["gone@example.org"]


def test_replay_as_text_and_csv(home: Path) -> None:
    text = run(home, "rules", "replay", "mine.yaml", "--since", "2020-01-01")
    assert text.splitlines()[0] == "1 of 1 responses would have another class, 0 only another rule"
    words = [" ".join(line.split()) for line in text.splitlines()]
    assert "addresses released 1 1" in words
    assert any(line.startswith("bad-mailbox (hard) policy-block (block) 1 1 1 550 5.1.1 user") for line in words)
    assert all(char.isprintable() or char == "\n" for char in text)
    rows = list(csv.DictReader(run(home, "rules", "replay", "mine.yaml", "--csv").splitlines()))
    assert {"section": "totals", "key": "", "metric": "released", "value": "1"} in rows
    assert {"section": "released", "key": "gone@example.org", "metric": "reason", "value": "hard"} in rows


def test_replay_of_the_rules_in_force_and_of_a_later_time_changes_nothing(home: Path) -> None:
    assert run(home, "rules", "replay") == "0 of 1 responses would have another class, 0 only another rule\n"
    later = answer(home, "rules", "replay", "mine.yaml", "--since", "2100-01-01")
    assert (later["totals"]["reclassed"], later["totals"]["released"]) == (1, 0)


def test_disagreements(home: Path) -> None:
    assert answer(home, "rules", "disagreements") == []
    logbounce("rules", "apply", "--rules", "mine.yaml", cwd=home)
    (row,) = answer(home, "rules", "disagreements")
    assert (row["priority"], row["hard_by"], row["rule_id"]) == (2, ["status", "code"], "they-mean-us")
    heading, line = run(home, "rules", "disagreements", "--since", "2020-01-01").splitlines()
    assert heading.split()[:5] == ["hard", "by", "rule", "code", "status"]
    assert line.split()[:5] == ["status,", "code", "block", "hard", "hard"]
    assert answer(home, "rules", "disagreements", "--since", "2100-01-01") == []


def test_the_report_names_the_rule_that_erred(home: Path) -> None:
    text = run(home, "report")
    told = text.partition("Rules that may be wrong (of the addresses that they called hard")[2].splitlines()
    assert told[2].split()[:4] == ["rule", "id", "category", "called"]
    assert told[3].split()[:4] == ["user-unknown", "bad-mailbox", "1", "1"]
    with connect(home / "logbounce.duckdb") as connection:
        connection.execute("delete from attempt_rows where outcome = 'delivered'")
    assert "Rules that may be wrong" not in run(home, "report")
