from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify import classify_texts
from logbounce.classify.examples import failures
from logbounce.database import memory
from logbounce.rules import Rules, load_rules, publish
from tests.unit.rules.helpers import BASE, load, rule

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection


def _decided(rules: Rules, text: str) -> tuple[str, str]:
    [verdict] = classify_texts([text], rules)
    return verdict["category"], verdict["rule_id"]


def test_a_users_rule_comes_before_the_shipped_ones(tmp_path: Path) -> None:
    mine = rule(category="policy-block", text="user unknown", hit="550 user unknown")
    assert _decided(load(tmp_path, "rules: []\n"), "550 User unknown") == ("bad-mailbox", "user-unknown")
    assert _decided(load(tmp_path, mine), "550 User unknown") == ("policy-block", "mine")


def test_a_users_rule_of_the_same_id_replaces_the_shipped_one(tmp_path: Path) -> None:
    rules = load(tmp_path, rule(id="user-unknown"))
    assert [each.id for each in rules.rules] == ["user-unknown"]
    assert _decided(rules, "550 User unknown")[0] == "undetermined"


def test_a_category_of_the_users_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    rules = load(tmp_path, "categories:\n  bad-mailbox: {class: soft, act: S3, scope: address, says: wait}\n")
    [verdict] = classify_texts(["550 User unknown"], rules)
    assert (verdict["bounce_class"], verdict["act"]) == ("soft", "S3")


def test_undetermined_can_be_made_to_count(tmp_path: Path) -> None:
    rules = load(tmp_path, "categories:\n  undetermined: {class: soft, act: S3, scope: unknown, says: counted}\n")
    [verdict] = classify_texts(["550 Hm"], rules)
    assert (verdict["category"], verdict["act"], verdict["rule_id"]) == ("undetermined", "S3", None)


def test_streams_and_presets_of_the_users_file(tmp_path: Path) -> None:
    mine = """\
policy:
  preset: once
  presets: {once: {any_limit: 1, reset: total}}
  streams: [{name: news, sender: "news@%", preset: standard}]
"""
    rules = load(tmp_path, mine)
    with memory() as connection:
        publish(connection, rules)
        assert connection.execute("from policies").fetchall() == [
            ("news", "news@%", "standard", 1, 3, 72, 24, None, "consecutive"),
            ("", None, "once", None, None, None, None, 1, "total"),
        ]


def test_an_alert_of_the_users_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    counts = "factor: 3, min_n: 9, min_failed: 5, min_messages: 1"
    alert = f"{{{{id: {{}}, measure: {{}}, scope: domain, threshold: {{}}, {counts}, why: w}}}}"
    shipped = f"alerts: [{alert.format('a', 'hard', '2 %')}, {alert.format('b', 'soft', '5%')}]\n"
    rules = load(tmp_path, f"alerts: [{alert.format('b', 'block', '0.5 %')}]\n", BASE + shipped)
    with memory() as connection:
        publish(connection, rules)
        found = connection.execute("from alert_thresholds").fetchall()
    assert found == [("a", "hard", "domain", 0.02, 3, 9, 5, 1, "w"), ("b", "block", "domain", 0.005, 3, 9, 5, 1, "w")]


def test_a_users_rule_may_take_what_a_shipped_rule_shows_as_its_hit(tmp_path: Path) -> None:
    assert failures(load(tmp_path, rule(text="user unknown", hit="550 user unknown"))) == []


def test_a_users_hit_that_its_rule_does_not_decide_fails(tmp_path: Path) -> None:
    [failure] = failures(load(tmp_path, rule(hit="550 User unknown")))
    assert (failure.rule.id, failure.kind, failure.decided_by) == ("mine", "hit", "user-unknown")


def test_a_users_miss_that_its_rule_decides_fails(tmp_path: Path) -> None:
    [failure] = failures(load(tmp_path, rule(miss="550 there is nobody")))
    assert (failure.rule.id, failure.kind, failure.decided_by) == ("mine", "miss", "mine")


def test_publish_fills_the_tables_once_for_each_digest(tmp_path: Path) -> None:
    first, second = load_rules(), load(tmp_path, rule())
    with memory() as connection:
        publish(connection, first)
        connection.execute("delete from categories")
        publish(connection, first)
        assert _count(connection, "categories") == 0
        publish(connection, second)
        assert _count(connection, "categories") == 3
        assert connection.execute("select rule_id, category, why from rules order by position").fetchall() == [
            ("mine", "bad-mailbox", "ours"),
            ("user-unknown", "bad-mailbox", "RFC 3463 x.1.1"),
        ]
        assert connection.execute("from providers order by all").fetchall() == [
            ("google", "domain", "gmail.com"),
            ("google", "mx", "google.com"),
        ]


def test_the_digest_changes_with_any_file(tmp_path: Path) -> None:
    digests = {load(tmp_path, user).digest for user in (rule(), rule(why="other"), "rules: []\n")}
    assert len(digests) == 3


def _count(connection: DuckDBPyConnection, table: str) -> int:
    return len(connection.table(table).fetchall())


def test_a_providers_pattern_keeps_its_letters(tmp_path: Path) -> None:
    r"""In lower case, \D would be \d."""
    rules = load(tmp_path, r"providers: {acme: {says: [/ACME\D/, Acme Words]}}" + "\n")
    assert rules.providers["acme"].says == (r"/ACME\D/", "acme words")
