from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.lint import lint
from logbounce.rules import load_rules
from tests.unit.rules.helpers import BASE, load, rule

if TYPE_CHECKING:
    from pathlib import Path


def _found(folder: Path, user: str, base: str = BASE) -> list[str]:
    return [finding.line.removeprefix(f"{folder}/") for finding in lint(load(folder, user, base))]


def _second(**fields: str) -> str:
    return rule(id="second", **fields).removeprefix("rules:\n")


def test_the_shipped_rules_have_nothing_to_mend() -> None:
    assert [finding.line for finding in lint(load_rules())] == []


def test_a_good_rule_has_nothing_to_mend(tmp_path: Path) -> None:
    assert _found(tmp_path, rule()) == []


def test_a_short_why_is_enough(tmp_path: Path) -> None:
    assert _found(tmp_path, rule(why="x")) == []


def test_a_rule_that_an_earlier_one_hides(tmp_path: Path) -> None:
    mine = rule() + _second(text="there is nobody", hit="550 there is nobody")
    assert _found(tmp_path, mine) == [
        "mine.yaml:8: rule second: never decides, for mine above takes all its hits: move it up or drop it",
    ]


def test_a_rule_that_has_one_hit_of_its_own_is_not_hidden(tmp_path: Path) -> None:
    mine = rule() + _second(text="[there is nobody, no one]", hit="[550 there is nobody, 550 no one]")
    assert _found(tmp_path, mine) == []


def test_a_users_rule_may_hide_a_shipped_one(tmp_path: Path) -> None:
    assert _found(tmp_path, rule(text="unknown", hit="550 unknown")) == []


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("nobody bob@example.org", "an address is masked"),
        ("<bob> is gone", "an address is masked"),
        ("from 192.0.2.7 refused", "an IP address is masked"),
        ("2001:db8::1 refused", "an IP address is masked"),
        ("said mx1.example.org", "a host name is masked, but for blocklists, known providers and URLs"),
        ("size 10485760 exceeds", "a number is masked"),
        ("queue 4F2A11C0B3", "what looks like an id is masked"),
        ("since 2026-11-20", "a time is masked"),
        ("550 5.1.1 user unknown", "reply codes and what our own MTA puts round a reply are taken off"),
        ("550 nobody", "reply codes and what our own MTA puts round a reply are taken off"),
        (r"/^550[- ]5\.1\.1 nobody/", "reply codes and what our own MTA puts round a reply are taken off"),
        ("/in reply to rcpt to/", None),
        ("/bob@(example|invalid).org/", "an address is masked"),
        (r"/from 192\.0\.2\.\d{1,3}/", "an IP address is masked"),
        (r"/size \d{5,} exceeds/", "a number is masked"),
        (r"/(mx1|mx2)\.example\.org (says|said) no/", "a host name is masked"),
        (r"/nobody \d+ here/", "a number is masked"),
        ("mailbox (s3150)", None),
        ("listed at zen.spamhaus.org", None),
        ("https://example.org/help?about=abuse", None),
        ("google.com", None),
        ("{ip} is refused", None),
        ("552 messages", "reply codes"),
        ("NOBODY Here_At", None),
        (r"/nobody( is)? home\b/", None),
        (r"/[nm]obody (?=here)/", None),
    ],
)
def test_a_word_that_never_matches(tmp_path: Path, phrase: str, why: str | None) -> None:
    found = [line for line in _found(tmp_path, rule(text=f"'{phrase}'", hit="550 x y z")) if "note: " not in line]
    if why is None:
        assert [line for line in found if "never matches" in line] == []
    else:
        [line] = [line for line in found if "never matches" in line]
        assert line.startswith("mine.yaml:2: rule mine: text: ")
        assert why in line


@pytest.mark.parametrize("key", ["all", "not"])
def test_each_list_of_words_is_looked_at(tmp_path: Path, key: str) -> None:
    [line] = _found(tmp_path, rule(**{key: "bob@example.org"}))
    assert f'{key}: "bob@example.org" never matches' in line


def test_what_its_own_hit_shows_can_match(tmp_path: Path) -> None:
    mine = rule(text="see http://postmaster.acme.example", hit="550 see http://postmaster.acme.example/x", miss="550 x")
    assert _found(tmp_path, mine) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "[nobody, there is nobody]"}, 'text: "there is nobody" is needless beside "nobody": drop it'),
        ({"all": "[nobody, there is nobody]"}, 'all: "nobody" is needless beside "there is nobody": drop it'),
        ({"not": "[x, x y]"}, 'not: "x y" is needless beside "x": drop it'),
        ({"text": "[nobody, Nobody]"}, 'text: "nobody" stands there twice: drop one'),
        ({"text": "/nobody/"}, "/nobody/ has no pattern in it: write it without the slashes"),
        ({"miss": "550  NOBODY"}, "the same text is a hit and a miss, '550 nobody': one of them is wrong"),
        ({"hit": "[550 nobody, 550 Nobody]"}, "the same text is a hit twice: drop one"),
    ],
)
def test_what_says_nothing(tmp_path: Path, fields: dict[str, str], says: str) -> None:
    assert f"mine.yaml:2: rule mine: {says}" in _found(tmp_path, rule(**fields))


def test_a_pattern_is_no_phrase_beside_another(tmp_path: Path) -> None:
    assert _found(tmp_path, rule(text="[nobody, '/nobody|somebody/']")) == []


def test_a_hit_and_a_miss_may_differ_in_what_the_log_knew(tmp_path: Path) -> None:
    mine = rule(provider="google", hit="{text: 550 nobody, provider: google}", miss="550 nobody")
    assert _found(tmp_path, mine) == []


def test_a_phrase_that_an_earlier_rule_has_under_the_same_conditions(tmp_path: Path) -> None:
    mine = rule(code="550") + _second(text="[nobody, no one]", code="550", hit="550 no one")
    assert _found(tmp_path, mine) == [
        'mine.yaml:9: rule second: text: "nobody" stands in rule mine above, which takes it: drop it here'
    ]


@pytest.mark.parametrize("more", [{"code": "551"}, {"provider": "google"}, {"not": "x"}, {"all": "y"}])
def test_the_same_phrase_under_other_conditions_is_fine(tmp_path: Path, more: dict[str, str]) -> None:
    mine = rule(code="550") + _second(**({"code": "550"} | more), text="[nobody, no one]", hit="550 no one y")
    assert [line for line in _found(tmp_path, mine) if "stands in rule" in line] == []


def test_more_than_re2_is_a_note(tmp_path: Path) -> None:
    [finding] = lint(load(tmp_path, rule(text="'/(?<!not )nobody/'")))
    assert finding.is_note
    assert finding.line == (
        f"{tmp_path}/mine.yaml:2: rule mine: note: "
        "/(?<!not )nobody/ needs more than RE2 and runs in regex, with a time limit"
    )
