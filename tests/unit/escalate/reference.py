"""The policy once more, in slow plain Python, to compare sql/escalate.sql with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.unit.escalate.histories import Attempt

Preset = tuple[int | None, int | None, int | None, int | None, int | None, str]
_ORDER = ("hard", "soft", "any")


class Decision(NamedTuple):
    """Who is suppressed, and on which evidence."""

    address: str
    reason: str
    evidence: tuple[int, ...]


def act(attempt: Attempt) -> str | None:
    if attempt.suspended or attempt.outcome in ("delivered", "relayed"):
        return None
    return "S3" if attempt.act == "H" and attempt.outcome != "bounced" else attempt.act


def judge(attempts: Sequence[Attempt], preset: Preset) -> set[Decision]:
    """Return what the policy decides of these attempts."""
    found = (_judge_address(address, attempts, preset) for address in {a.recipient.lower() for a in attempts})
    return {decision for decision in found if decision}


def _judge_address(address: str, attempts: Sequence[Attempt], preset: Preset) -> Decision | None:
    hard, soft, window, repeat, either, reset = preset
    mine = [a for a in attempts if a.recipient.lower() == address]
    reported = {a.delivery_id for a in attempts if a.asynchronous and a.outcome == "bounced"}
    deliveries = [a.event_time for a in mine if a.outcome == "delivered" and a.delivery_id not in reported]
    sent = {a.delivery_id for a in attempts if not a.asynchronous}
    proved = [a for a in mine if not a.asynchronous or a.delivery_id in sent]
    again = None if repeat is None else dt.timedelta(hours=repeat)
    within = None if window is None else dt.timedelta(hours=window)
    reached = []
    for rank, (acts, needed, limit, pause) in enumerate(
        [("H", hard, None, None), ("S3", soft, within, again), ("H S3", either, None, again)]
    ):
        counted = count([a for a in proved if act(a) in acts.split()], pause)
        if needed and (run := first_run(counted, needed, limit, deliveries if reset == "consecutive" else [])):
            reached.append((run[-1].event_time, rank, run))
    if not reached:
        return None
    _, rank, run = min(reached, key=lambda item: item[:2])
    return Decision(address, _ORDER[rank], tuple(a.attempt_id for a in run))


def count(attempts: Iterable[Attempt], pause: dt.timedelta | None) -> list[Attempt]:
    """Return those that count: of one message the first, and each that comes long enough after the last counted."""
    last: dict[int, dt.datetime] = {}
    counted = []
    for attempt in sorted(attempts, key=lambda a: (a.event_time, a.attempt_id)):
        before = last.get(attempt.delivery_id)
        if before is None or (pause is not None and attempt.event_time >= before + pause):
            last[attempt.delivery_id] = attempt.event_time
            counted.append(attempt)
    return counted


def first_run(
    counted: Sequence[Attempt], needed: int, within: dt.timedelta | None, deliveries: Sequence[dt.datetime]
) -> Sequence[Attempt] | None:
    """Return the first so many in so short a time with no delivery in between."""
    for end in range(needed, len(counted) + 1):
        run = counted[end - needed : end]
        first, last = run[0].event_time, run[-1].event_time
        if any(first < delivery <= last for delivery in deliveries):
            continue
        if within is None or last - first <= within:
            return run
    return None
