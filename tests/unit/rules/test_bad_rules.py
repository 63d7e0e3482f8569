from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.errors import SettingsError
from logbounce.rules import load_rules
from tests.unit.rules.helpers import BASE, load, rule

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = "factor: 3, min_n: 9, min_failed: 5, min_messages: 1"
ALERT = f"alerts:\n  - {{id: mine, measure: hard, scope: domain, threshold: 2 %, {COUNTS}, why: ours}}\n"
TWICE = rule() + rule().removeprefix("rules:\n")


@pytest.mark.parametrize(
    ("user", "line", "says"),
    [
        ("rules: [\n", 2, "not YAML: "),
        pytest.param("rules:\n  " + 100_000 * "[", 2, "is nested deeper than 50 levels", id="nested"),
        ("", 1, "is empty"),
        ("- a\n", 1, "`key: value` lines were expected"),
        ("rulez: []\n", 1, "unknown key 'rulez': expected one of categories, policy, providers, alerts, rules"),
        (rule(text='"no\\0body"'), 4, "text without a NUL was expected"),
        (rule(text='"body "'), 4, "text: blanks around 'body ' are not looked for: write 'body', or a /pattern/"),
        (rule(text='[nobody, " x"]'), 4, "text: blanks around ' x' are not looked for"),
        ('providers: {acme: {says: " acme"}}\n', 1, "says: blanks around ' acme' are not looked for"),
        ("rules: yes\n", 1, "a list was expected"),
        (rule(texts="nobody"), 8, "unknown key 'texts'"),
        (rule(id="Not An Id"), 2, "lower-case letters"),
        (rule(id=""), 2, "'id' is missing"),
        (rule(category="bad-mailbx"), 3, "category 'bad-mailbx' is unknown: expected one of bad-mailbox, policy-block"),
        (rule(provider="gogle"), 8, "provider 'gogle' is unknown: expected one of google"),
        (rule(smtp_stage="rcptto"), 8, "smtp_stage 'rcptto' is unknown"),
        (rule(mta="sendmail"), 8, "mta 'sendmail' is unknown"),
        (rule(code="55"), 8, "a reply code such as 550, 55x or 5xx was expected"),
        (rule(status="5.1"), 8, "an enhanced status code such as 5.1.1 or 5.1.x was expected"),
        (rule(why=""), 2, "`why` or `source` was expected"),
        (rule(hit=""), 2, "'hit' is missing"),
        (rule(miss=""), 2, "'miss' is missing"),
        (rule(text=""), 2, "a condition was expected"),
        (rule(text="[]x: ["), 4, "not YAML"),
        (rule(text="[]"), 4, "text: the list is empty"),
        (rule(all="[]"), 8, "all: the list is empty"),
        (rule(**{"not": "[]"}), 8, "not: the list is empty"),
        (rule(code="[]"), 8, "code: the list is empty"),
        (rule(status="[]"), 8, "status: the list is empty"),
        (rule(provider="[]"), 8, "provider: the list is empty"),
        (rule(smtp_stage="[]"), 8, "smtp_stage: the list is empty"),
        (rule(mta="[]"), 8, "mta: the list is empty"),
        (rule(hit="[]"), 6, "hit: the list is empty"),
        (rule(miss="[]"), 7, "miss: the list is empty"),
        (rule(hit="{txt: 550}"), 6, "unknown key 'txt'"),
        (TWICE, 8, "line 2 has a rule of this id already"),
        ("rules:\n  - id: a\n    id: b\n", 3, "'id' stands here a second time"),
        ("policy: {preset: standrad}\n", 1, "preset 'standrad' is unknown: expected one of standard"),
        ("policy:\n  streams:\n    - {name: n, sender: x, preset: y}\n", 3, "preset 'y' is unknown"),
        ("policy: {presets: {p: {soft_limit: 3, reset: total}}}\n", 1, "soft_limit needs window_hours"),
        ("policy: {presets: {p: {hard_limit: -1, reset: total}}}\n", 1, "a number from 0 to 999999 was expected"),
        ("policy: {presets: {p: {hard_limit: 1, reset: never}}}\n", 1, "reset 'never' is unknown"),
        ("categories: {x: {class: block, act: H, scope: s, says: s}}\n", 1, "act of class block 'H' is unknown"),
        ("categories: {x: {class: block, act: B, scope: s}}\n", 1, "'says' is missing"),
        (ALERT.replace("2 %", "0.02"), 2, "alert mine: threshold: a share from 0 % to 100 % was expected"),
        (ALERT.replace("2 %", "101 %"), 2, "such as 2.5 %, not '101 %'"),
        (ALERT.replace("2 %", "two %"), 2, "such as 2.5 %, not 'two %'"),
        (ALERT.replace("hard", "hardly"), 2, "alert mine: measure 'hardly' is unknown: expected one of failed, hard, "),
        (ALERT.replace("domain", "house"), 2, "alert mine: scope 'house' is unknown: expected one of domain, provider"),
        (ALERT.replace("factor: 3", "factor: 0"), 2, "alert mine: factor: a number from 1 was expected, not 0"),
        (ALERT.replace("min_n: 9", "min_n: few"), 2, "alert mine: min_n: a number from 0 to 999999 was expected"),
        (ALERT.replace("min_n", "n_min"), 2, "alert mine: unknown key 'n_min': expected one of id, measure, scope"),
        (ALERT.replace(", why: ours", ""), 2, "alert mine: 'why' is missing"),
        (ALERT.replace("id: mine, ", ""), 2, "an alert: 'id' is missing"),
        (ALERT.replace("id: mine", "id: My Own"), 2, "alert My Own: an id is lower-case letters"),
        (ALERT + ALERT.removeprefix("alerts:\n"), 3, "alert mine: an earlier entry has this id already"),
        ("alerts: {}\n", 1, "alerts: a list was expected"),
        ("providers: {x: {}}\n", 1, "`mx`, `domains` or `says` was expected"),
        (
            "providers:\n  x:\n    says: [/no(body/]\n",
            3,
            "provider x: says: /no(body/ does not compile in RE2: ",
        ),
        ("providers: {x: {says: [a, /a(?=b)/]}}\n", 1, "provider x: says: /a(?=b)/ does not compile in RE2: invalid"),
    ],
)
def test_an_error_names_file_line_and_what_was_expected(tmp_path: Path, user: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, user)
    assert str(caught.value).startswith(f"{tmp_path / 'mine.yaml'}:{line}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pattern_that_does_not_compile_names_the_rule(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.yaml:2: rule mine: /no\(body/ does not compile in RE2: missing \)"):
        load(tmp_path, rule(text="/no(body/"))


def test_a_pattern_too_large_for_re2_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"rule mine: .* does not compile in RE2"):
        load(tmp_path, rule(text="/((a{100}){100}){100}/"))


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file or directory: a rules file was expected"):
        load_rules(tmp_path / "none.yaml")


def test_a_binary_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"rules:\n\xff\xfe")
    with pytest.raises(SettingsError, match=r"mine\.yaml:2: is not UTF-8 text"):
        load_rules(tmp_path / "mine.yaml")


def test_a_file_without_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.yaml:1: `policy:` is missing"):
        load(tmp_path, "rules: []\n", BASE.split("policy:", maxsplit=1)[0])
