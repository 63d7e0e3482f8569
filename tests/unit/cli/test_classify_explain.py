from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.unit.cli.command import logbounce
from tests.unit.rules.helpers import rule

if TYPE_CHECKING:
    from pathlib import Path

MINE = rule(id="mine", text="[nobody, no one]", code="5xx", **{"not": "[elsewhere, zoo]"}, sql="length(text) < 90")


def _run(folder: Path, text: str, *flags: str) -> list[str]:
    (folder / "mine.yaml").write_text(MINE)
    done = logbounce("classify", "--explain", "--rules", "mine.yaml", *flags, cwd=folder, text=text)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_paragraph_for_each_reply(tmp_path: Path) -> None:
    shown = [
        " ".join(line.split())
        for line in _run(tmp_path, "550 5.1.1 <bob@example.org> Nobody\n\n450 4.1.1 User unknown\n")
    ]
    assert shown[:10] == [
        "550 5.1.1 <bob@example.org> Nobody",
        "template 550 5.1.1 {address} Nobody",
        "read code 550, status 5.1.1",
        "rule mine, mine.yaml:2",
        "code 550",
        'text "nobody"',
        "sql length(text) < 90",
        "not none of the 2 words of its list is there",
        "why ours",
        "category bad-mailbox: the mailbox does not exist",
    ]
    assert shown[10] == "class hard (act H): suppresses the address (policy standard)"
    assert "near x-1-1 (bad-mailbox) stands later and matches too" in shown
    empty = shown.index("(empty)")
    assert "read nothing but words" in shown[empty:]
    assert "rule none matches" in shown[empty:]
    last = shown[shown.index("450 4.1.1 User unknown") :]
    assert "class soft (act S3): counted, 3 within 72 hours suppress (policy standard)" in last
    assert "hard by its category, but the reply says try again (4xx, 4.x.x): that is never final" in last


def test_a_rule_that_came_near_says_what_failed(tmp_path: Path) -> None:
    shown = " ".join(" ".join(_run(tmp_path, "450 nobody\n551 nobody elsewhere\n")).split())
    assert "near mine (bad-mailbox) stands earlier, but for code: 5xx was expected, 450 was read" in shown
    assert 'near mine (bad-mailbox) stands earlier, but for "elsewhere", which it excludes' in shown


def test_as_json_lines(tmp_path: Path) -> None:
    first, second = map(json.loads, _run(tmp_path, "550 Nobody\n444 hm\n", "--json"))
    assert first["rule"] == {"rule_id": "mine", "file": "mine.yaml", "line": 2, "why": "ours"}
    assert first["conditions"][1] == {
        "key": "text",
        "asks": ["nobody", "no one"],
        "holds": True,
        "met_by": ['"nobody"'],
    }
    assert (first["bounce_class"], first["soft_for_try_again"], first["words"]) == ("hard", False, "nobody")
    assert (second["rule"], second["conditions"], second["category"]) == (None, [], "undetermined")


def test_a_reply_acts_on_no_terminal(tmp_path: Path) -> None:
    assert all(line.isprintable() for line in _run(tmp_path, "550 nobody \x1b[31m\u202e\n"))


def test_there_is_no_csv_of_it(tmp_path: Path) -> None:
    done = logbounce("classify", "--explain", "--csv", cwd=tmp_path, text="550 x\n")
    assert done.returncode == 2
    assert "--explain prints text or --json" in done.stderr
