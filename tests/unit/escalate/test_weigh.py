"""What is said to count is what decides: one more bounce suppresses if, and only if, the limit was so near."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from logbounce.escalate import escalate, weigh
from tests.unit.escalate.histories import START, Attempt, after, begin_again, database, store
from tests.unit.escalate.test_reference import TIMES, histories

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONNECTION = database()
ANN = "ann@x.example"
COUNTING = """
select l.reason, l.needed, count(t.evidence_id)
from limits l left join tallied t on t.stream = l.stream and t.reason = l.reason and t.tally = 'counts'
where l.reason in ('soft', 'any') group by all"""


def is_suppressed(connection: DuckDBPyConnection) -> bool:
    return connection.execute("from suppressions where lower(address) = $1", [ANN]).fetchone() is not None


def is_near(connection: DuckDBPyConnection, now: dt.datetime) -> bool:
    """Tell whether one more soft bounce is said to suffice."""
    connection.execute("create temp table touched_addresses as select $1 as address", [ANN])
    weigh(connection, now.replace(tzinfo=dt.UTC))
    connection.execute("drop table touched_addresses")
    return any(counted + 1 >= needed for _, needed, counted in connection.execute(COUNTING).fetchall())


@settings(max_examples=100)
@given(histories(), st.sampled_from(["standard", "total", "lenient", "limit"]), TIMES)
@example([Attempt(START, recipient=ANN), Attempt(after(1), recipient=ANN)], "standard", after(72))
@example([Attempt(START, recipient=ANN), Attempt(after(1), recipient=ANN)], "standard", after(72, 1))
def test_one_more_bounce_suppresses_if_so_many_count(attempts: list[Attempt], preset: str, now: dt.datetime) -> None:
    begin_again(CONNECTION, preset)
    store(CONNECTION, [attempt for attempt in attempts if attempt.event_time <= now])
    escalate(CONNECTION)
    assume(not is_suppressed(CONNECTION))
    near = is_near(CONNECTION, now)
    store(CONNECTION, [Attempt(now, recipient=ANN, delivery_id=999, attempt_id=999)])
    escalate(CONNECTION)
    assert is_suppressed(CONNECTION) == near
