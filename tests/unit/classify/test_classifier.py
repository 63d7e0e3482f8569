"""Batches of replies, one after the other."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from logbounce.classify import Classifier, texts
from logbounce.rules import Example, Provider, Rules, load_rules

UNKNOWN = "550 5.1.1 <{}@example.org>: user unknown"
FULL = "552 5.2.2 <{}@example.org>: mailbox full"


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def test_a_template_is_judged_once_whatever_batch_it_comes_in(rules: Rules) -> None:
    made: list[dict[str, Any]] = []

    def shape(verdict: dict[str, Any]) -> str:
        made.append(verdict)
        return str(verdict["category"])

    with Classifier(rules, shape) as classifier:
        first = classifier.texts([UNKNOWN.format("ann"), UNKNOWN.format("bob")])
        second = classifier.texts([FULL.format("ann"), UNKNOWN.format("cid"), "", FULL.format("dan")])
    assert first == ["bad-mailbox"] * 2
    assert second == ["mailbox-full", "bad-mailbox", "undetermined", "mailbox-full"]
    assert len(made) == 3


def test_the_same_words_of_another_provider_are_another_reply(rules: Rules) -> None:
    said = [Example("550 5.1.1 no", provider) for provider in (None, "google", None, "yahoo")]
    with Classifier(rules, lambda verdict: verdict["provider"]) as classifier:
        assert classifier.replies(said) == [None, "google", None, "yahoo"]
        assert classifier.replies(said[::-1]) == ["yahoo", None, "google", None]


def test_a_flood_of_templates_is_forgotten_and_the_next_batch_judged_anew(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "_REMEMBERED", 1)
    with Classifier(rules, lambda verdict: verdict["category"]) as classifier:
        for _ in range(3):
            assert classifier.texts([FULL.format("ann"), UNKNOWN.format("bob")]) == ["mailbox-full", "bad-mailbox"]


def test_a_suffix_of_one_label_names_a_provider(rules: Rules) -> None:
    ours = dataclasses.replace(rules, providers={**rules.providers, "ours": Provider("ours", ("corp",), (), ())})
    with Classifier(ours, lambda verdict: verdict["provider"]) as classifier:
        said = [f"host {host}[192.0.2.1] said: 550 no" for host in ("a.b.corp", "corp", "a.bcorp")]
        assert classifier.texts(said) == ["ours", "ours", None]


def test_many_rows_keep_their_order(rules: Rules) -> None:
    replies = [(FULL if n % 3 else UNKNOWN).format(f"user{n}") for n in range(20_000)]
    with Classifier(rules, lambda verdict: verdict["category"]) as classifier:
        assert classifier.texts(replies) == ["mailbox-full" if n % 3 else "bad-mailbox" for n in range(20_000)]
