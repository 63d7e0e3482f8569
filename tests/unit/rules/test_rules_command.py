from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from logbounce.errors import Exit
from logbounce.rules import load_rules
from tests.unit.rules.helpers import rule

if TYPE_CHECKING:
    from pathlib import Path


def _run(root: Path, folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "logbounce", *arguments]
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=folder, env=environment, input=stdin, capture_output=True, check=False)


def test_the_shipped_examples_hold(root: Path, tmp_path: Path) -> None:
    done = _run(root, tmp_path, "rules", "test", "--json")
    assert done.returncode == Exit.OK
    assert json.loads(done.stdout) == {"rules": len(load_rules().rules), "failures": []}


def test_an_example_that_fails_is_one_line_and_exit_1(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rule(miss="550 nobody either"), encoding="utf-8")
    done = _run(root, tmp_path, "rules", "test", "--rules", "mine.yaml")
    assert done.returncode == Exit.NO
    assert done.stdout.decode() == "mine.yaml:2: rule mine: miss: decided by mine: 550 nobody either\n"


def test_a_bad_rules_file_is_one_line_on_stderr(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rule(category="x"), encoding="utf-8")
    done = _run(root, tmp_path, "rules", "test", "--rules", "mine.yaml")
    assert (done.returncode, done.stdout) == (Exit.SETTINGS, b"")
    assert done.stderr.decode().startswith(
        "logbounce: mine.yaml:3: rule mine: category 'x' is unknown: expected one of "
    )
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("as_what", ["--json", "--csv"])
def test_list_has_every_rule_in_order(root: Path, tmp_path: Path, as_what: str) -> None:
    text = _run(root, tmp_path, "rules", "list", as_what).stdout.decode()
    rows = json.loads(text) if as_what == "--json" else list(csv.DictReader(text.splitlines()))
    assert [row["rule_id"] for row in rows] == [each.id for each in load_rules().rules]


def test_classify_gives_a_line_for_each_line(root: Path, tmp_path: Path) -> None:
    done = _run(
        root, tmp_path, "classify", "--json", stdin=b"550 5.1.1 User unknown\r\n\n452 4.2.2 \xff\x1b[31m Mailbox full"
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == Exit.OK
    assert [row["category"] for row in rows] == ["bad-mailbox", "undetermined", "mailbox-full"]
    assert rows[0] == {
        "text": "550 5.1.1 User unknown",
        "provider": None,
        "smtp_code": 550,
        "enhanced_status": "5.1.1",
        "category": "bad-mailbox",
        "bounce_class": "hard",
        "act": "H",
        "rule_id": "user-unknown",
    }


def test_classify_as_a_table_is_inert_on_a_terminal(root: Path, tmp_path: Path) -> None:
    done = _run(root, tmp_path, "classify", stdin=b"550 \x1b[31mUser unknown\n")
    head, line = done.stdout.decode().splitlines()
    assert head.split() == ["category", "bounce_class", "rule_id", "text"]
    assert line.split() == ["bad-mailbox", "hard", "user-unknown", "550", "\\x1b[31mUser", "unknown"]


def test_classify_of_nothing_prints_nothing(root: Path, tmp_path: Path) -> None:
    done = _run(root, tmp_path, "classify", "--json")
    assert (done.returncode, done.stdout) == (Exit.OK, b"")


def test_classify_reads_the_users_rules(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(rule(category="policy-block"), encoding="utf-8")
    (tmp_path / "logbounce.yaml").write_text("rules: mine.yaml\n", encoding="utf-8")
    done = _run(root, tmp_path, "classify", "--json", stdin=b"550 nobody\n")
    assert json.loads(done.stdout)["rule_id"] == "mine"
