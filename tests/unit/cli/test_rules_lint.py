from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.unit.cli.command import logbounce
from tests.unit.rules.helpers import rule

if TYPE_CHECKING:
    from pathlib import Path

MINE = "mine.yaml:2: rule mine"
PHRASE = '"nobody at 192.0.2.1"'


def test_what_is_found_is_one_line_each_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rule(text="[/nobody/, nobody at 192.0.2.1]"))
    done = logbounce("rules", "lint", "--rules", "mine.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{MINE}: text: {PHRASE} never matches: an IP address is masked: say what stands beside it",
        f"{MINE}: /nobody/ has no pattern in it: write it without the slashes",
    ]
    assert done.stderr.endswith(" rules, 2 findings, 0 notes\n")


def test_a_note_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rule(text="'/(?<!not )nobody/'"))
    done = logbounce("rules", "lint", "--rules", "mine.yaml", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    [note] = json.loads(done.stdout)["findings"]
    assert (note["file"], note["line"], note["rule_id"], note["kind"]) == ("mine.yaml", 2, "mine", "note")
