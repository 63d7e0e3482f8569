from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.command import fails, logbounce

MINE = """\
rules:
  - id: acme-contract-ended
    category: inactive-mailbox
    code: 5xx
    text: [contract has ended, "/account (is )?closed/"]
    not: [your contract]
    provider: google
    why: the gateway says so of customers who have left
    hit: {text: "554 5.7.1 <bob@example.org>: the customer's contract has ended", provider: google}
    miss: "554 5.7.1 <bob@example.org>: access denied"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text(MINE)
    return tmp_path


def test_a_rule_is_shown_with_all_that_its_file_says(home: Path) -> None:
    done = logbounce("rules", "show", "acme-contract-ended", "--rules", "mine.yaml", cwd=home)
    assert done.returncode == 0, done.stderr
    shown = [" ".join(line.split()) for line in done.stdout.splitlines() if line]
    assert shown[0] == "acme-contract-ended: inactive-mailbox"
    assert "class soft (act S3, scope address): the mailbox is disabled, suspended or abandoned" in shown
    assert shown[2].startswith("stands in mine.yaml:2, number 1 of ")
    assert "why the gateway says so of customers who have left" in shown
    assert "code 5xx" in shown
    assert "provider google" in shown
    assert 'text any of "contract has ended", /account (is )?closed/' in shown
    assert 'not none of "your contract"' in shown
    assert shown[-4:] == [
        "Hits:",
        "554 5.7.1 <bob@example.org>: the customer's contract has ended [provider google]",
        "Misses:",
        "554 5.7.1 <bob@example.org>: access denied",
    ]


def test_as_json(home: Path) -> None:
    done = logbounce("rules", "show", "acme-contract-ended", "--rules", "mine.yaml", "--json", cwd=home)
    shown = json.loads(done.stdout)
    assert (shown["file"], shown["line"], shown["position"]) == ("mine.yaml", 2, 1)
    assert (shown["category"], shown["bounce_class"], shown["act"]) == ("inactive-mailbox", "soft", "S3")
    assert shown["conditions"] == {
        "code": ["5xx"],
        "provider": ["google"],
        "text": ["contract has ended", "/account (is )?closed/"],
        "not": ["your contract"],
    }
    assert shown["hits"][0]["provider"] == "google"
    assert [miss["text"] for miss in shown["misses"]] == ["554 5.7.1 <bob@example.org>: access denied"]


def test_a_shipped_rule_stands_where_its_line_says(home: Path) -> None:
    shown = json.loads(logbounce("rules", "show", "spamhaus", "--json", cwd=home).stdout)
    line = Path(shown["file"]).read_text(encoding="utf-8").splitlines()[shown["line"] - 1]
    assert line.strip() == "- id: spamhaus"


@pytest.mark.parametrize(
    ("rule_id", "hint"),
    [("acme-contract-endet", "did you mean acme-contract-ended?"), ("zzz", "`logbounce rules list` shows them all")],
)
def test_an_unknown_id_is_a_wrong_command_line(home: Path, rule_id: str, hint: str) -> None:
    said = fails(logbounce("rules", "show", rule_id, "--rules", "mine.yaml", cwd=home), 2)
    assert said == f"no rule has the id {rule_id}: {hint}"
