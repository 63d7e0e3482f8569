from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from logbounce.escalate import escalate
from tests.unit.escalate.histories import PRESETS, START, Attempt, begin_again, database, store
from tests.unit.escalate.reference import Decision, judge

if TYPE_CHECKING:
    from random import Random

    from duckdb import DuckDBPyConnection

CONNECTION = database()
# Times fall on the edges of 24 and 72 hours, on the same second, and just beside.
TIMES = st.builds(
    lambda days, hours, seconds: START + dt.timedelta(days=days, hours=hours, seconds=seconds),
    st.integers(0, 7),
    st.sampled_from([0, 0, 0, 1, 12, 23]),
    st.sampled_from([-1, 0, 0, 0, 1]),
)
ADDRESSES = st.sampled_from(["ann@x.example", "Ann@x.example", "bob@x.example"])
KINDS = st.sampled_from(
    [
        ("deferred", "S3", False),
        ("deferred", "S3", False),
        ("bounced", "S3", False),
        ("bounced", "H", False),
        ("deferred", "H", False),
        ("expired", "S3", False),
        ("bounced", "B", False),
        ("deferred", "S0", False),
        ("delivered", None, False),
        ("relayed", None, False),
        ("bounced", "S3", True),
        ("bounced", "H", True),
    ]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Attempt]:
    attempts = []
    for number in range(draw(st.integers(0, 14))):
        outcome, act, asynchronous = draw(KINDS)
        recipient = draw(ADDRESSES)
        delivery_id = 10 * draw(st.integers(1, 4)) + (recipient.lower() == "ann@x.example")
        attempts.append(
            Attempt(
                draw(TIMES),
                outcome,
                act,
                recipient,
                delivery_id=delivery_id,
                attempt_id=number,
                asynchronous=asynchronous,
            )
        )
    return attempts


def decisions(connection: DuckDBPyConnection) -> set[Decision]:
    rows = connection.execute("select lower(address), reason, evidence from suppression_ledger").fetchall()
    return {Decision(address, reason, tuple(evidence)) for address, reason, evidence in rows}


@settings(max_examples=100)
@given(histories(), st.sampled_from(sorted(PRESETS)), st.randoms())
def test_the_sql_decides_as_the_plain_policy_whatever_the_order_of_rows(
    attempts: list[Attempt], preset: str, random: Random
) -> None:
    shuffled = random.sample(attempts, len(attempts))
    begin_again(CONNECTION, preset)
    store(CONNECTION, shuffled)
    escalate(CONNECTION)
    assert decisions(CONNECTION) == judge(attempts, PRESETS[preset])
    assert escalate(CONNECTION) == 0


@settings(max_examples=30)
@given(st.lists(st.tuples(TIMES, KINDS, ADDRESSES), max_size=12), st.integers(1, 4))
@example([(START, ("deferred", "S3", False), "ann@x.example")] * 3, 1)
def test_bounces_of_different_messages_suppress_the_same_addresses_however_they_arrive(
    events: list[tuple[dt.datetime, tuple[str, str | None, bool], str]], size: int
) -> None:
    attempts = [
        Attempt(time, outcome, act, recipient, delivery_id=number, attempt_id=number)
        for number, (time, (outcome, act, _), recipient) in enumerate(events)
        if outcome != "delivered"
    ]
    begin_again(CONNECTION)
    for begin in range(0, len(attempts), size):
        store(CONNECTION, attempts[begin : begin + size])
        escalate(CONNECTION)
    assert {d.address for d in decisions(CONNECTION)} == {d.address for d in judge(attempts, PRESETS["standard"])}
