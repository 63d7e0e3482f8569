from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.classify import classify_texts
from logbounce.errors import SettingsError
from tests.unit.rules.helpers import load, rule

if TYPE_CHECKING:
    from pathlib import Path


def _with_sql(predicate: str) -> str:
    return rule(text="", sql="|-\n      " + predicate.replace("\n", "\n      "))


@pytest.mark.parametrize(
    ("predicate", "says"),
    [
        ("drop table attempts", "is not SQL"),
        ("true); drop table attempts; select (true", "Only SELECT statements"),
        ("true); select (true", "one predicate was expected"),
        ("copy attempts to 'x'", "is not SQL"),
        ("attach 'x'", "Type with name attach does not exist"),
        ("attach 'x' as y", "is not SQL"),
        ("text = (select value from meta)", "subquery is not allowed"),
        ("exists (from attempts)", "subquery is not allowed"),
        ("text in (select value from meta)", "subquery is not allowed"),
        ("true) from attempts where (true", "one predicate was expected"),
        ("true) limit (1", "one predicate was expected"),
        ("true), (false", "one predicate was expected"),
        ("read_text('/etc/passwd') is null", "function read_text is not allowed"),
        ("getenv('HOME') = 'x'", "function getenv is not allowed"),
        ("random() < 0.5", "function random is not allowed"),
        ("count(*) > 1", "function count_star is not allowed"),
        ("row_number() over () = 1", "window is not allowed"),
        ("main.lower(text) = 'x'", "function lower is not allowed"),
        ("current_setting('x') = 'y'", "function current_setting is not allowed"),
        ("repeat(text, 1000000000) = 'x'", "function repeat is not allowed"),
        ("smtp_code * 99999999999 > 1", r"function \* is not allowed"),
        ("text::integer = 1", "cast is not allowed"),
        ("list_filter([text], x -> true) is null", "is not allowed"),
        ("regexp_matches(text, text)", "a pattern in quotes was expected"),
        ("regexp_matches(text, '(')", "does not run: .*missing"),
        ("$1 = text", "parameter is not allowed"),
        ("recipient = 'x'", "column recipient is unknown: expected one of text, smtp_code"),
        ("attempts.text = 'x'", "column attempts.text is unknown"),
        ("lower(text)", "gives VARCHAR: a predicate, true or false, was expected"),
        ("columns('.*') = 'x'", "is not allowed"),
        ("", "is not SQL|a word or text was expected"),
    ],
)
def test_what_is_no_pure_predicate_is_refused_and_the_rule_named(tmp_path: Path, predicate: str, says: str) -> None:
    with pytest.raises(SettingsError, match=r"mine\.yaml:\d+: (rule mine: )?sql: .*(" + says + ")"):
        load(tmp_path, _with_sql(predicate))


@pytest.mark.parametrize(
    ("predicate", "matches"),
    [
        ("text like '%nobody%' and smtp_code = 550", True),
        ("smtp_code between 500 and 549", False),
        ("enhanced_status is null and smtp_code in (550, 553)", True),
        ("coalesce(enhanced_status, '') like '5.1.%'", False),
        ("regexp_matches(text, '^no.ody') -- a comment", True),
        ("case when mta = 'exim' then false else contains(text, 'body') end", True),
        ("not starts_with(text, 'no')", False),
        ("provider = 'google'", False),
        ("smtp_stage is distinct from 'rcpt'", True),
    ],
)
def test_a_predicate_decides(tmp_path: Path, predicate: str, matches: bool) -> None:  # noqa: FBT001 - a case's answer
    rules = load(tmp_path, _with_sql(predicate))
    [verdict] = classify_texts(["550 Nobody here"], rules)
    assert (verdict["rule_id"] == "mine") is matches
