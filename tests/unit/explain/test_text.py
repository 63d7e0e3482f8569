"""What the text says in the states that few addresses are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.cli.explain_text import lines
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import Attempt, after, bounced, delivered, policy
from tests.unit.explain.test_states import ANN, Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path / "logbounce.duckdb")
    yield found
    found.connection.close()


def text(told: Told, hours: float) -> str:
    """Return the text without its line breaks."""
    return " ".join(" ".join(lines(told.explain(hours))).split())


def test_streams_are_told_apart(told: Told) -> None:
    policy(told.connection, "bulk", "bulk@%", "never")
    policy(told.connection, "receipts", "receipts@%", "standard")
    told.happen(
        bounced(after(0), sender="receipts@x.example"),
        bounced(after(1), sender="bulk@x.example"),
        delivered(after(2), sender="boss@x.example"),
    )
    shown = text(told, 3)
    assert shown.startswith(f"{ANN}: suppressed for the stream receipts: 1 hard bounce at 2026-03-01 12:00:00 UTC (")
    assert f"{ANN}: not suppressed for other mail Decisions" in shown
    assert "suppressed for the stream receipts (hard, H-category, rule rule-H, policy standard), in force" in shown
    assert "one hard bounce suppresses; 0 of 3 soft bounces within 72 hours (policy standard)" in shown
    assert "stream bulk: bounces never suppress (policy never)" in shown
    assert "does not count: the policy has no limit for it (stream bulk)" in shown


def test_a_history_with_a_note(told: Told) -> None:
    told.happen(bounced(after(0)))
    told.decide("release", 5, note="back at work")
    told.connection.execute("delete from attempt_rows")
    shown = text(told, 6)
    # As it was asked for: no line names it now.
    assert shown.startswith("ann.lee@EXAMPLE.org: not suppressed no mail to it is stored Decisions")
    assert (
        "suppressed (hard, H-category, rule rule-H, policy standard) 1 of 1 bounces are not stored any more (purged)"
        in shown
    )
    assert "2026-03-01 17:00:00 released (manual): back at work" in shown


def test_a_limit_that_is_reached(told: Told) -> None:
    told.connection.execute("update policies set soft_limit = 5")
    told.happen(*(Attempt(after(h)) for h in range(3)))
    told.connection.execute("update policies set soft_limit = 3")
    assert "reached at 2026-03-01 14:00:00: suppressed when it is judged next" in text(told, 5)


def test_several_answers_about_one_message(told: Told) -> None:
    told.happen(*(Attempt(after(h), delivery_id=4, message_id="m@x") for h in (0, 1, 2)))
    shown = text(told, 3)
    assert "2026-03-01 13:00:00 to 2026-03-01 14:00:00, 2 times does not count again: its message did at" in shown
    assert (
        "2026-03-01 14:00:00 deferred, 3 tries, first logged 2026-03-01 12:00:00, from news@sender.example <m@x>"
        in shown
    )


def test_what_is_left_out_is_counted(told: Told) -> None:
    told.happen(*(bounced(after(h), "B") for h in range(15)))
    shown = text(told, 20)
    assert "not shown: 5 earlier, none of which counts" in shown
    assert "Mail to it (UTC): 15 messages, 15 bounced; the last 10" in shown


def test_mail_that_went_on(told: Told) -> None:
    insert(told.connection, "undecided_addresses", address=ANN.lower())
    told.happen(*(delivered(after(h), recipient=f"r{h}@x.example") for h in range(7)))
    told.connection.execute("update attempt_rows set original_recipient = $1", [ANN])
    shown = text(told, 8)
    assert "something new of it is stored and not judged yet" in shown
    assert "went on to r0@x.example, r1@x.example, r2@x.example, r3@x.example, r4@x.example and 2 more" in shown


def test_a_long_answer_is_cut(told: Told) -> None:
    told.happen(bounced(after(0)))
    told.connection.execute("update attempt_rows set response = repeat('no ', 2000)")
    shown = text(told, 1)
    assert "no no" in shown
    assert "…" in shown
    assert len(shown) < 2000
