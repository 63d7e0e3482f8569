"""Fault 27: a rules file with an expensive pattern, `DROP`, `COPY`, `ATTACH`, `read_text`: refused, naming the rule."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from tests.faults import inside
from tests.faults.site import lines, used_by_the_ended
from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from pathlib import Path

SQL = {
    "drop table attempt_rows": "is not SQL",
    "true); drop table attempt_rows; select (true": "Only SELECT statements",
    "copy attempt_rows to 'stolen.csv'": "is not SQL",
    "true); copy meta to 'stolen.csv'; select (true": "Only SELECT statements",
    "attach 'other.duckdb' as other": "is not SQL",
    "true); attach 'other.duckdb' as other; select (true": "Only SELECT statements",
    "read_text('secret.txt') is not null": "function read_text is not allowed",
    "text in (select content from read_text('secret.txt'))": "subquery is not allowed",
    "exists (from read_csv('secret.txt'))": "subquery is not allowed",
    "text = (from 'secret.txt')": "subquery is not allowed",
    "contains(getenv('HOME'), 'x')": "function getenv is not allowed",
    "query('drop table meta') is null": "function query is not allowed",
    "text like '%a_%a_%a_%a_%a_%b'": "takes too long",
    "text ilike '%a%a%a%a%a%a%b'": "takes too long",
    "text like text": "a pattern in quotes was expected",
    "regexp_matches(text, '((a{100}){100}){100}')": "does not run",
}
PATTERNS = {
    r"((a{100}){100}){100}": "does not compile in RE2",
    r"(a+)+$(?=b)": "takes too long",
    r"^(nobody|no|body)+(?<=x)$": "takes too long",
    r"(x+x+)+y(?!z)": "takes too long",
    r"(.*a){20}(?=b)": "takes too long",
    r"(\w*)*(?=!!)": "takes too long",
    r"(?:nobody){e<=30}(?=x)": "takes too long",
    r"(?<=(a|b|ab)*)nobody(.*)(.*)(.*)(.*)x": "takes too long",
    r"(?=no(body": "does not compile, in RE2 or in regex",
}
HOSTILE = ["550 " + piece * (900 // len(piece)) + end for piece in ("a", "ab", "a ", "x1 ", "  ", "no") for end in "a!"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    connect(tmp_path / "logbounce.duckdb").close()
    (tmp_path / "secret.txt").write_text("top,secret\n1,2\n")
    (tmp_path / "logbounce.yaml").write_text("rules: mine.yaml\n")
    (tmp_path / "logbounce.yaml").chmod(0o600)
    return tmp_path


def state(home: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.iterdir()}


def write(home: Path, key: str, value: str) -> None:
    """Write a rules file of two rules, of which the second has the condition."""
    first = {
        "id": "first",
        "category": "bad-mailbox",
        "text": "nobody",
        "why": "w",
        "hit": "550 nobody",
        "miss": "550 x",
    }
    second = {**first, "id": "second", "text": "no one", "hit": "550 no one", key: value}
    (home / "mine.yaml").write_text(json.dumps({"rules": [first, second]}, indent=1))


def refused(home: Path, *command: str) -> str:
    before = state(home)
    said = fails(inside.run(home, *command), 4)
    assert state(home) == before
    assert said.startswith((f"{home / 'mine.yaml'}:", "mine.yaml:")), said
    assert ": rule second: " in said
    return said


@pytest.mark.parametrize("predicate", SQL)
def test_sql_that_is_more_than_a_predicate_is_refused_and_the_rule_named(home: Path, predicate: str) -> None:
    write(home, "sql", predicate)
    assert SQL[predicate] in refused(home, "rules", "list")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_expensive_pattern_is_refused_and_the_rule_named(home: Path, pattern: str) -> None:
    write(home, "text", f"/{pattern}/")
    assert PATTERNS[pattern] in refused(home, "rules", "list")


@pytest.mark.parametrize("command", [("ingest", "mail.log"), ("tail", "--once"), ("rules", "test"), ("classify",)])
def test_every_command_that_reads_the_rules_refuses_them(home: Path, command: tuple[str, ...]) -> None:
    (home / "mail.log").write_bytes(lines(0, 20))
    (home / "logbounce.yaml").write_text("rules: mine.yaml\nsources: [{name: a, format: postfix, path: mail.log}]\n")
    write(home, "text", "/(a+)+$(?=b)/")
    assert "takes too long" in refused(home, *command)


@pytest.mark.parametrize("pattern", [r"^(\w+\s?)*$(?!x)", r"(?<!not )no one", r"(?>no) one", r"no one.*(?!.*gone)$"])
def test_a_pattern_that_is_taken_holds_nobody_up_whatever_comes(home: Path, pattern: str) -> None:
    write(home, "text", f"/{pattern}/")
    began = used_by_the_ended()
    done = logbounce("classify", "--json", cwd=home, text="\n".join([*HOSTILE, "550 no one"]) + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(HOSTILE) + 1
    assert json.loads(done.stdout.splitlines()[-1])["rule_id"] == "second"
    assert used_by_the_ended() - began < 20


# Slow on a text that none of the probes is like: behind words that stand neither in the pattern nor in its examples.
SLY = r"/[\x71]{3}([b-d]*)([b-d]*)([b-d]*)\3\2\1(?<=e)|no one/"


def test_what_is_slow_after_all_is_no_match_and_told_once(home: Path) -> None:
    write(home, "text", SLY)
    texts = [f"550 qqq{'cd' * length}" for length in range(200, 440)]
    began = used_by_the_ended()
    done = logbounce("classify", "--json", cwd=home, text="\n".join([*texts, "550 no one"]) + "\n")
    assert used_by_the_ended() - began < 30
    assert done.returncode == 0
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert "second" not in {verdict["rule_id"] for verdict in verdicts[:-1]}
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("logbounce: warning: ")
    assert "mine.yaml:11: rule second: " in done.stderr
    assert done.stderr.endswith(" takes too long on some replies: no match there\n")
