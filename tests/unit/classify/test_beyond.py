from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.classify import beyond, classify_templates, classify_texts
from logbounce.database import memory
from logbounce.errors import LogbounceWarning
from tests.unit.rules.helpers import load, rule

if TYPE_CHECKING:
    from pathlib import Path

SLY = r"/[\x71]{3}([b-d]*)([b-d]*)([b-d]*)\3\2\1(?<=e)|nobody/"


def _decided(folder: Path, texts: list[str], **fields: str) -> list[str | None]:
    rules = load(folder, rule(**{key: f"'{value}'" for key, value in fields.items()}))
    return [verdict["rule_id"] for verdict in classify_texts(texts, rules)]


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        (r"/(?<!not )nobody/", "550 5.1.1 Nobody", "550 not nobody"),
        (r"/nobody(?! home)/", "550 nobody here", "550 nobody home"),
        (r"/(no|some)body, \1body/", "550 nobody, nobody", "550 nobody, somebody"),
        (r"/(?>no|nobo)dy/", "550 nody", "550 nobody"),
        (r"/no\w++body|x/", "550 x", "550 nobody"),
    ],
)
def test_what_re2_lacks_works(tmp_path: Path, pattern: str, hits: str, misses: str) -> None:
    assert _decided(tmp_path, [hits, misses], text=pattern, hit=hits, miss=misses) == ["mine", None]


def test_it_sees_the_words_of_the_template_only(tmp_path: Path) -> None:
    texts = ["550 <nobody@example.org>: gone", "550-5.1.1 no\n550 5.1.1 body"]
    assert _decided(tmp_path, texts, text=r"/(?<!x)no.?body/") == [None, "mine"]


def test_it_can_be_each_kind_of_condition(tmp_path: Path) -> None:
    texts = ["550 nobody", "550 nobody nobody", "550 nobody nobody again"]
    fields = {"text": "nobody", "all": r"/(nobody) \1/", "not": r"/nobody(?= again)/"}
    assert _decided(tmp_path, texts, **fields) == [None, "mine", None]


def test_templates_of_the_database_are_judged_by_it(tmp_path: Path) -> None:
    rules = load(tmp_path, rule(text=r"'/(?<!not )nobody/'"))
    with memory() as connection:
        connection.execute("""
            insert into response_templates (template_id, template, sample, first_time)
            values (18446744073709551615, 'nobody', '', '2026-01-01'), (2, 'not nobody', '', '2026-01-01')
        """)
        classify_templates(connection, rules)
        rows = connection.execute("select template_id, rule_id from response_templates order by 1").fetchall()
    assert rows == [(2, None), (18446744073709551615, "mine")]


def test_a_text_that_takes_too_long_is_no_match_and_warned_of(tmp_path: Path) -> None:
    with pytest.warns(LogbounceWarning, match=r"mine\.yaml:2: rule mine: .* takes too long on some replies") as caught:
        decided = _decided(tmp_path, ["550 qqq" + "cd" * 300, "550 nobody"], text=SLY)
    assert decided == [None, "mine"]
    assert len(caught) == 1


def test_all_texts_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beyond, "_ALL_SECONDS", 0.0)
    with pytest.warns(LogbounceWarning, match="takes too long"):
        assert _decided(tmp_path, ["550 nobody"], text=r"/(?<!not )nobody/") == [None]


def test_what_looks_like_more_and_is_not_runs_in_re2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beyond, "_ALL_SECONDS", 0.0)  # which would be told of
    assert _decided(tmp_path, ["550 nobody (?=x"], text=r"/nobody \(\?=x/") == ["mine"]
