from __future__ import annotations

import time

import pytest

from logbounce.learn.cluster import Template, clusters, likeness, vocabulary
from logbounce.learn.guess import Aftermath, guess

HARD = frozenset({"bad-mailbox"})


def _template(number: int, words: str, code: int | None = 554, status: str | None = None) -> Template:
    return Template(number, words, words, code, status, None, 10 - number, [])


def test_alike_is_one_cluster_and_the_phrases_are_in_all_of_it() -> None:
    texts = ["lantern one is out of golden oil", "lantern two is out of golden oil", "sleepy wizard at the gate"]
    (first, second), wordless = clusters(_template(number, text) for number, text in enumerate(texts))
    assert [member.number for member in first.members] == [0, 1]
    assert [member.number for member in second.members] == [2]
    assert all(phrase in member.words for member in first.members for phrase in first.phrases)
    assert first.phrases[0] == "out of golden oil"
    assert wordless == 0


def test_many_words_in_common_and_no_phrase_is_no_cluster() -> None:
    found, _ = clusters([_template(0, "alpha beta gamma delta"), _template(1, "delta gamma beta alpha")])
    assert len(found) == 2


@pytest.mark.parametrize("words", ["", "{address}", "no {host} at {ip}", "554 12345678 99999999", "is of the"])
def test_what_has_no_words_is_counted(words: str) -> None:
    assert clusters([_template(0, words)]) == ([], 1)


def test_a_phrase_holds_nothing_masked_and_no_small_word_at_an_end() -> None:
    [cluster], _ = clusters([_template(0, "{address}: the purple wizard of the {host} sleeps soundly")])
    assert set(cluster.phrases) == {"purple wizard", "sleeps soundly"}


def test_the_longest_phrase_comes_first_wherever_it_stands() -> None:
    [cluster], _ = clusters([_template(0, "lantern refuses {address} because golden oil ran dry")])
    assert cluster.phrases[0] == "because golden oil ran dry"


def test_likeness() -> None:
    assert vocabulary("Hm, no {address} x yes_no") == {"no", "yes"} | {"Hm"}
    assert likeness(frozenset("ab"), frozenset("bc")) == pytest.approx(1 / 3)
    assert likeness(frozenset(), frozenset()) == 0


@pytest.mark.parametrize(
    ("code", "status", "addresses", "delivered", "known", "category"),
    [
        (554, None, 4, 0, {"bad-mailbox": 3}, "bad-mailbox"),
        (554, None, 2, 0, {"bad-mailbox": 2}, "policy-block"),  # too few for a guess that suppresses
        (554, None, 4, 1, {"bad-mailbox": 3}, "policy-block"),  # one of them lives
        (554, None, 4, 0, {"bad-mailbox": 2}, "policy-block"),
        (554, None, 2, 0, {"mailbox-full": 2}, "mailbox-full"),
        (451, None, 4, 2, {}, "greylisted"),
        (554, "4.2.0", 4, 2, {}, "greylisted"),
        (451, None, 4, 0, {}, "remote-system"),
        (554, "5.2.9", 4, 0, {}, "mailbox-full"),
        (554, "5.7.9", 4, 0, {}, "policy-block"),
        (554, "5.1.9", 4, 0, {}, "policy-block"),
        (None, None, 1, 0, {}, "policy-block"),
    ],
)
def test_a_guess(  # noqa: PLR0913, PLR0917 - the columns of the table above
    code: int | None, status: str | None, addresses: int, delivered: int, known: dict[str, int], category: str
) -> None:
    after = Aftermath(9, addresses, delivered, 0, known)
    assert guess(_template(0, "x", code, status), after, HARD)[0] == category


def test_what_became_of_them_in_words() -> None:
    known = {"mailbox-full": 1, "bad-mailbox": 4, "moved": 1, "virus": 1}
    assert Aftermath(9, 9, 2, 3, known).says == (
        "2 took mail later, 4 bounced as bad-mailbox, 1 bounced as mailbox-full, 1 bounced as moved, 3 suppressed"
    )
    assert Aftermath(9, 9, 0, 0, {}).says == "nothing else is known"


def test_a_word_without_end_takes_no_time() -> None:
    start = time.process_time()
    found, _ = clusters([_template(0, "{" * 20_000 + "a" * 40_000)])
    assert len(found) == 1
    assert time.process_time() - start < 1
