from __future__ import annotations

from collections import Counter

import pytest

from logbounce.classify.examples import failures
from logbounce.rules import Rule, Rules, check, is_pattern, load_rules

CATEGORIES = """bad-mailbox bad-domain moved inactive-mailbox mailbox-full recipient-filtered no-answer message-expired
    routing-dns remote-system greylisted rate-limited protocol-error reputation-block spam-content auth-failure
    policy-block sender-rejected relay-denied virus message-too-big content-invalid internal undetermined feedback
    autoreply delivered not-bounce""".split()  # noqa: SIM905 - reads better than 28 strings
PROVIDERS = """google microsoft yahoo apple comcast charter cox att gmx-webde t-online orange free-fr laposte sfr libero
    mail-ru yandex qq netease naver docomo au softbank zoho godaddy rackspace ovh proton fastmail proofpoint mimecast
    barracuda cisco-ironport trendmicro sophos symantec-messagelabs amazon seznam wp-pl onet interia ziggo telenet bt
    virgin sky telstra optus shaw rogers""".split()  # noqa: SIM905 - likewise


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def test_every_hit_is_decided_by_its_rule_and_no_miss_is(rules: Rules) -> None:
    # A rule that an earlier one always hides fails here: none of its hits is decided by it.
    assert [(failure.rule.place, failure.kind, failure.decided_by, failure.text) for failure in failures(rules)] == []


def test_every_pattern_compiles_and_every_predicate_is_pure(rules: Rules) -> None:
    check(rules)


def test_categories_are_those_of_the_design(rules: Rules) -> None:
    assert sorted(rules.categories) == sorted(CATEGORIES)


def test_every_category_has_three_rules(rules: Rules) -> None:
    counted = Counter(rule.category for rule in rules.rules)
    assert {category: counted[category] for category in rules.categories if counted[category] < 3} == {}


def test_providers_of_the_large_networks_are_known(rules: Rules) -> None:
    assert [name for name in PROVIDERS if name not in rules.providers] == []


def test_no_suffix_belongs_to_two_providers(rules: Rules) -> None:
    for kind in ("mx", "domains"):
        names = [name for provider in rules.providers.values() for name in getattr(provider, kind)]
        assert sorted(names) == sorted(set(names))


def test_no_phrase_stands_twice_in_a_rule(rules: Rules) -> None:
    def doubled(rule: Rule) -> list[str]:
        return [word for word in rule.text if rule.text.count(word) > 1]

    assert {rule.id: doubled(rule) for rule in rules.rules if doubled(rule)} == {}


def test_no_phrase_is_hidden_by_a_shorter_one_of_its_own_rule(rules: Rules) -> None:
    def hidden(rule: Rule) -> list[tuple[str, str]]:
        phrases = [word for word in rule.text if not is_pattern(word)]
        return [(long, short) for long in phrases for short in phrases if short != long and short in long]

    assert {rule.id: hidden(rule) for rule in rules.rules if hidden(rule)} == {}


@pytest.mark.parametrize("act", ["H", "S3", "B"])
def test_no_block_and_no_limit_is_ever_hard(rules: Rules, act: str) -> None:
    classes = {category.bounce_class for category in rules.categories.values() if category.act == act}
    assert classes == {{"H": "hard", "S3": "soft", "B": "block"}[act]}


def test_presets_are_those_of_the_design(rules: Rules) -> None:
    assert rules.policy.preset == "standard"
    assert sorted(rules.policy.presets) == ["lenient", "limit", "patient", "standard"]
    standard = rules.policy.presets["standard"]
    assert (standard.hard_limit, standard.soft_limit, standard.window_hours) == (1, 3, 72)
    assert (standard.repeat_hours, standard.any_limit, standard.reset) == (24, None, "consecutive")
