"""`--csv` wherever a table is printed."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from logbounce.errors import Exit
from tests.unit.cli.command import logbounce
from tests.unit.ingest.logs import arrival, attempt
from tests.unit.rules.helpers import rule

if TYPE_CHECKING:
    from pathlib import Path

LISTS = ("conditions", "hits", "misses")
SAID = "host mx[192.0.2.1] said: {} (in reply to RCPT TO command)"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database of three tries: one of nobody's, one that went through, one of no rule."""
    folder = tmp_path_factory.mktemp("csv")
    lines = [
        *arrival(0, "4TX001"),
        attempt(1, "4TX001", "gone@example.org", "bounced", SAID.format("550 5.1.1 user unknown")),
        attempt(1, "4TX001", "fine@example.org"),
        attempt(
            2, "4TX001", "odd@example.org", "bounced", SAID.format("444 4.9.0 the purple wizard is asleep")
        ).replace("5.1.1", "4.9.0"),
    ]
    (folder / "mail.log").write_text("".join(f"{line}\n" for line in lines))
    assert logbounce("ingest", "mail.log", cwd=folder).returncode == Exit.OK
    return folder


def rows(*arguments: str, cwd: Path, text: str | None = None) -> list[dict[str, str]]:
    """Return the rows of a command's CSV."""
    return list(csv.DictReader(logbounce(*arguments, "--csv", cwd=cwd, text=text).stdout.splitlines()))


def test_classify(tmp_path: Path) -> None:
    (row,) = rows("classify", cwd=tmp_path, text="550 5.1.1 User unknown\n")
    assert (row["category"], row["bounce_class"], row["text"]) == ("bad-mailbox", "hard", "550 5.1.1 User unknown")


def test_status_has_a_row_for_each_source(tmp_path: Path) -> None:
    lines = [*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", "a@example.org")]
    (tmp_path / "mail.log").write_text("".join(f"{line}\n" for line in lines))
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == 0
    (row,) = rows("status", cwd=tmp_path)
    assert (row["source_name"], row["lines_read"], row["attempts"]) == ("mail.log", "3", "1")


def test_doctor_has_a_row_for_each_finding(tmp_path: Path) -> None:
    found = rows("doctor", "none.log", cwd=tmp_path)
    assert any("none.log" in row["what"] and row["mend"] for row in found)


def test_rules_show_is_one_row_with_its_lists_as_json(tmp_path: Path) -> None:
    (row,) = rows("rules", "show", "spamhaus", cwd=tmp_path)
    shown = json.loads(logbounce("rules", "show", "spamhaus", "--json", cwd=tmp_path).stdout)
    assert (row["rule_id"], row["position"], row["act"]) == ("spamhaus", str(shown["position"]), "B")
    assert [json.loads(row[name]) for name in LISTS] == [shown[name] for name in LISTS]
    assert list(row) == list(shown)


def test_rules_test_has_a_row_for_each_failure(tmp_path: Path) -> None:
    assert logbounce("rules", "test", "--csv", cwd=tmp_path).stdout == "file,line,rule_id,kind,text,decided_by\r\n"
    (tmp_path / "mine.yaml").write_text(rule(hit="550 somebody"))
    done = logbounce("rules", "test", "--rules", "mine.yaml", "--csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[1:] == ["mine.yaml,2,mine,hit,550 somebody,guess-550"]


def test_rules_lint_has_a_row_for_each_finding(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rule(text="[/nobody/, nobody at 192.0.2.1]"))
    done = logbounce("rules", "lint", "--rules", "mine.yaml", "--csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    first, second = csv.DictReader(done.stdout.splitlines())
    assert (first["file"], first["line"], first["rule_id"], first["kind"]) == ("mine.yaml", "2", "mine", "finding")
    assert second["what"] == "/nobody/ has no pattern in it: write it without the slashes"


def test_rules_suggest_has_a_row_for_each_rule(home: Path) -> None:
    (row,) = rows("rules", "suggest", "--since", "2026-01-01", cwd=home)
    assert (row["rule_id"].startswith("suggested-"), row["attempts"], row["addresses"]) == (True, "1", "1")
    assert json.loads(row["hits"]) == ["444 4.9.0 the purple wizard is asleep"]


def test_explain_has_a_row_for_each_value(home: Path) -> None:
    found = rows("explain", "gone@example.org", cwd=home)
    values = {(row["section"], row["key"], row["metric"]): row["value"] for row in found}
    assert len(values) == len(found)
    assert (values["address", "", "suppressed"], values["address", "", "messages"]) == ("true", "1")
    assert values["decisions", "1", "rule_id"] == values["evidence", "1.1", "rule_id"] == "user-unknown"
    assert json.loads(values["evidence", "1.1", "paths"]) == ["mail.log"]
    assert values["mail", "1", "response"] == "550 5.1.1 user unknown"
    assert ("decisions", "1", "evidence") not in values


def test_explain_of_somebody_unknown_says_so(home: Path) -> None:
    done = logbounce("explain", "none@example.org", "--csv", cwd=home)
    assert (done.returncode, done.stderr) == (1, "")
    assert "\naddress,,known,false\r\n" in done.stdout


def test_suppress_check_is_one_row(home: Path) -> None:
    (row,) = rows("suppress", "check", "GONE@example.org", cwd=home)
    assert (row["address"], row["suppressed"], row["reason"], row["rule_id"]) == (
        *("gone@example.org", "true", "hard", "user-unknown"),
    )
    done = logbounce("suppress", "check", "fine@example.org", "--csv", cwd=home)
    assert (done.returncode, done.stderr) == (1, "")
    (other,) = csv.DictReader(done.stdout.splitlines())
    assert (other["address"], other["suppressed"], other["reason"]) == ("fine@example.org", "false", "")
    assert list(other) == list(row)
