from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logbounce.escalate import escalate
from logbounce.revise import VersionError
from logbounce.revise.versions import apply_to, undo_in
from tests.unit.escalate.histories import PRESETS, Attempt, after, complain
from tests.unit.revise.stored import (
    ANN,
    BLOCK_ALPHA,
    BOB,
    CATEGORIES,
    HARD,
    HARD_GAMMA,
    WORDS,
    begin_again,
    database,
    decide,
    hard,
    judge,
    ledger,
    rules,
    say,
    state,
    suppressed,
    suppressions,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules


@pytest.fixture
def stored(tmp_path: Path) -> DuckDBPyConnection:
    """Return a database judged by HARD, in which Ann is suppressed for alpha and Bob was told gamma."""
    connection = database(rules(tmp_path, HARD))
    say(connection, [hard(ANN, "alpha"), hard(BOB, "gamma")])
    judge(connection)
    return connection


def test_classes_and_suppressions_are_as_before(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    before = state(stored)
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA | {"gamma": "bad-mailbox"}, "lenient"))
    assert undo_in(stored) == (2, "undo", 1, 2, 1, 1, 0)
    assert state(stored) == before
    assert ledger(stored, 3) == [
        ("suppress", ANN, "", "hard", "rules version 1 taken back"),
        ("release", BOB, "", "rules", "rules version 1 taken back"),
    ]
    assert stored.execute("select old_act, new_act from rule_changes order by all").fetchall() == [
        *([("B", "H")] * 2),
        *([("H", "B")] * 2),
    ]


def test_only_a_version_that_stands_can_be_taken_back(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA))
    undo_in(stored)
    with pytest.raises(VersionError, match="no version of the rules is applied"):
        undo_in(stored)


def test_what_people_decided_since_stands(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA | {"gamma": "bad-mailbox"}))
    decide(stored, "suppress", BOB, 5)
    decide(stored, "release", ANN, 5)
    undo_in(stored)
    assert [row[:3] for row in suppressions(stored)] == [(BOB, "", "manual")]


def test_a_release_of_every_stream_since_stands(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    bulk = {"%@sender.example": "standard"}
    begin_again(stored, rules(tmp_path, HARD, streams=bulk))
    say(stored, [hard(ANN, "alpha"), hard(BOB, "alpha")])
    judge(stored)
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA, streams=bulk))
    decide(stored, "release", ANN, 5)
    undo_in(stored)
    assert suppressed(stored) == [(BOB, "sender.example")]


def test_what_was_stored_since_is_judged_by_the_rules_that_stand_again(
    stored: DuckDBPyConnection, tmp_path: Path
) -> None:
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA | {"gamma": "bad-mailbox"}))
    say(stored, [hard("carl@x.example", "alpha", 9), hard("dora@x.example", "gamma", 9)])
    assert escalate(stored) == 1
    undo_in(stored)
    assert suppressed(stored) == [(ANN, ""), ("carl@x.example", "")]


def test_one_that_was_suppressed_by_both_stays_so(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    """Bob is suppressed by the version for gamma, and then told alpha: hard by either rules."""
    apply_to(stored, rules(tmp_path, HARD_GAMMA))
    say(stored, [hard(BOB, "alpha", 9)])
    assert escalate(stored) == 0
    undo_in(stored)
    assert [(row[0], row[4]) for row in suppressions(stored)] == [(ANN, "says-alpha"), (BOB, "says-alpha")]


def test_what_was_purged_comes_back_too(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    before = suppressions(stored)
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA))
    stored.execute("delete from attempt_rows")
    undo_in(stored)
    assert suppressions(stored) == before


def test_a_response_that_was_purged_is_none_to_restore(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA))
    stored.execute("delete from response_templates where template_id = 1")
    assert undo_in(stored).templates_changed == 0


# A property ----------------------------------------------------------------------------------------------------------

FOLDER = Path(tempfile.mkdtemp(prefix="logbounce-test-"))
CONNECTION = database(rules(FOLDER, HARD))
ADDRESSES = (ANN, BOB)


class Given(NamedTuple):
    """What the rules of a version say."""

    verdicts: dict[str, str]
    preset: str
    streams: dict[str, str]


GIVEN = st.builds(
    Given,
    st.fixed_dictionaries({word: st.sampled_from(sorted(CATEGORIES)) for word in WORDS}),
    st.sampled_from(sorted(PRESETS)),
    st.sampled_from([{}, {}, {"%@bulk": "standard"}, {"%@bulk": "limit"}]),
)
# To make a failing example smaller takes minutes: each is several judgements of everything.
SMALL = settings(max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])
OUTCOMES = st.sampled_from(["bounced", "bounced", "deferred", "delivered"])


@st.composite
def attempts(draw: st.DrawFn, *, once: bool = False) -> list[tuple[Attempt, str | None]]:
    made = []
    for number in range(draw(st.integers(0, 10))):
        outcome, address = draw(OUTCOMES), draw(st.sampled_from(ADDRESSES))
        delivery = number if once else 10 * draw(st.integers(1, 4)) + ADDRESSES.index(address)
        attempt = Attempt(
            after(draw(st.sampled_from([0, 1, 24, 30, 72, 73, 100])) + number / 3600),
            outcome,
            None if outcome == "delivered" else "S3",
            address,
            sender=draw(st.sampled_from(["news@sender.example", "a@bulk"])),
            delivery_id=delivery,
            attempt_id=number,
        )
        made.append((attempt, None if outcome == "delivered" else draw(st.sampled_from(WORDS))))
    return made


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["suppress", "release", "complain"]),
        st.sampled_from(ADDRESSES),
        st.sampled_from([0, 50, 200]),
        st.sampled_from(["", "bulk"]),
    ),
    max_size=3,
)


def made(given: Given) -> Rules:
    return rules(FOLDER, *given)


@SMALL
@given(st.lists(GIVEN, min_size=2, max_size=4), attempts(), PEOPLE)
def test_each_undo_brings_back_what_was_before_its_version(
    versions: list[Given],
    history: list[tuple[Attempt, str | None]],
    people: list[tuple[str, str, int, str]],
) -> None:
    begin_again(CONNECTION, made(versions[0]))
    half = len(history) // 2
    say(CONNECTION, history[:half])
    judge(CONNECTION)
    for action, address, hours, stream in people:
        if action == "complain":
            complain(CONNECTION, after(hours), recipient=address)
        else:
            decide(CONNECTION, action, address, hours, stream)
    say(CONNECTION, history[half:])
    judge(CONNECTION)
    before = []
    for version in versions[1:]:
        known = state(CONNECTION)
        if apply_to(CONNECTION, made(version)).version:
            before.append(known)
        else:
            assert state(CONNECTION) == known
        assert escalate(CONNECTION) == 0
    while before:
        undo_in(CONNECTION)
        assert state(CONNECTION) == before.pop()


@SMALL
@given(GIVEN, GIVEN, attempts(once=True))
def test_a_version_suppresses_whom_its_rules_would_have_from_the_beginning(
    old: Given, new: Given, history: list[tuple[Attempt, str | None]]
) -> None:
    begin_again(CONNECTION, made(new))
    say(CONNECTION, history)
    judge(CONNECTION)
    expected = suppressed(CONNECTION)
    begin_again(CONNECTION, made(old))
    say(CONNECTION, history)
    judge(CONNECTION)
    apply_to(CONNECTION, made(new))
    assert suppressed(CONNECTION) == expected
