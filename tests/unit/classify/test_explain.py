from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.classify.explain import Explanation, explain
from logbounce.rules import Rules, load_rules
from tests.unit.rules.helpers import load, rule

if TYPE_CHECKING:
    from pathlib import Path

THREE = (
    rule(id="first", text="[no such user, nobody]", code="550", hit="550 nobody")
    + rule(id="second", text="nobody", **{"not": "[here, there]"}, hit="551 nobody").removeprefix("rules:\n")
    + rule(id="third", text="/no(body)?/", status="5.1.x", hit="551 5.1.0 nothing").removeprefix("rules:\n")
)


def _one(folder: Path, text: str, user: str = THREE) -> Explanation:
    [found] = explain([text], load(folder, user))
    return found


def _conditions(found: Explanation) -> list[tuple[str, tuple[str, ...]]]:
    return [(condition.key, condition.met_by) for condition in found.conditions]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def test_the_rule_explained_is_the_rule_that_decides(rules: Rules) -> None:
    texts = [example.text for each in rules.rules for example in (*each.hits, *each.misses)]
    found = explain(texts, rules)
    assert [each.verdict["text"] for each in found] == texts
    assert [each.rule and each.rule.id for each in found] == [each.verdict["rule_id"] for each in found]
    assert all(condition.holds for each in found for condition in each.conditions)
    assert all(len(each.near) <= 5 for each in found)
    assert all(each.conditions for each in found if each.rule)


def test_each_condition_says_what_met_it(tmp_path: Path) -> None:
    found = _one(tmp_path, "550 5.1.1 <bob@example.org>: nobody_here")
    assert found.rule
    assert found.rule.id == "first"
    assert (found.template, found.words) == ("550 5.1.1 {address}: nobody_here", "{address}: nobody here")
    assert _conditions(found) == [("code", ("550",)), ("text", ('"nobody"',))]


def test_a_pattern_says_which_words_it_found(tmp_path: Path) -> None:
    found = _one(tmp_path, "551 5.1.7 Nothing")
    assert _conditions(found) == [("status", ("5.1.7",)), ("text", ("/no(body)?/ in 'no'",))]


def test_a_pattern_beyond_re2_does_so_too(tmp_path: Path) -> None:
    found = _one(tmp_path, "550 there is nobody", rule(text="'/(?<=is )nobody/'"))
    assert _conditions(found) == [("text", ("/(?<=is )nobody/ in 'nobody'",))]


def test_later_rules_that_match_too_are_near(tmp_path: Path) -> None:
    found = _one(tmp_path, "550 5.1.1 nobody")
    assert [(near.rule.id, near.failed) for near in found.near] == [("second", None), ("third", None)]


def test_earlier_rules_of_which_one_condition_fails_are_near(tmp_path: Path) -> None:
    found = _one(tmp_path, "551 5.1.1 nobody here")
    assert found.rule
    assert found.rule.id == "third"
    failed = [
        (near.rule.id, near.failed and (near.failed.key, near.failed.asks, near.failed.met_by)) for near in found.near
    ]
    assert failed == [("first", ("code", ("550",), ("551",))), ("second", ("not", ("here",), ('"here"',)))]


def test_a_rule_is_not_near_for_its_code_alone(tmp_path: Path) -> None:
    assert _one(tmp_path, "550 hm").near == ()


def test_at_most_five_are_near(tmp_path: Path) -> None:
    several = [rule(id=f"rule-{number}", text="nobody", code="550") for number in range(9)]
    user = "rules:\n" + "".join(each.removeprefix("rules:\n") for each in several)
    assert len(_one(tmp_path, "550 nobody", user).near) == 5
    assert len(_one(tmp_path, "551 nobody", user).near) == 3  # what never matched says less


@pytest.mark.parametrize(
    ("text", "was_hard"), [("450 User unknown", True), ("550 4.1.1 User unknown", True), ("550 User unknown", False)]
)
def test_try_again_made_a_hard_one_soft(rules: Rules, text: str, was_hard: bool) -> None:  # noqa: FBT001 - a parameter of the test
    [found] = explain([text], rules)
    assert found.verdict["category"] == "bad-mailbox"
    assert found.was_hard is was_hard


def test_what_no_rule_matches_has_no_conditions(tmp_path: Path) -> None:
    found = _one(tmp_path, "444 hm")
    assert (found.rule, found.conditions, found.verdict["category"]) == (None, (), "undetermined")


def test_nothing_to_explain(rules: Rules) -> None:
    assert explain([], rules) == []
