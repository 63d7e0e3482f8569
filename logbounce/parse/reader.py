"""Blocks of lines to events, on a connection of its own: parsing waits for no database, and no database for parsing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset  # DuckDB would, in the thread that reads ahead, where Ctrl-C must find no import

from logbounce.allocator import give_back
from logbounce.database import scratch
from logbounce.parse.batches import arrow_lines
from logbounce.parse.views import EventReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from logbounce.follow import Block
    from logbounce.parse.views import Reading


@dataclass(frozen=True)
class Parsed:
    """What one block says.

    `facts` are the events of kind `message`, which are most and have few columns (_FACTS); `attempts` are all others,
    with all columns of sql/events.sql.
    `overlong` is (position, first bytes) of lines that are none. `block` has only its last bytes left: what was read of
    them is in `events`.
    """

    block: Block
    lines: int
    attempts: pa.Table
    facts: pa.Table
    overlong: list[tuple[int, str]]

    @property
    def events(self) -> pa.Table:
        """All events, with all columns."""
        kind = pa.array(["message"] * self.facts.num_rows, pa.string())
        return pa.concat_tables([self.attempts, self.facts.append_column("kind", kind)], promote_options="default")


_ATTEMPTS = 24_000
_FACTS = ["host", "queue_id", "instance", "pos", "event_time", "begins", "closes", "sender", "message_id", "size_bytes"]


def parse_blocks(blocks: Iterable[Block], reading: Reading, seen: datetime | None = None) -> Iterator[Parsed]:
    """Yield what each block says; `seen` is the latest time (UTC) of the lines before the first."""
    with scratch() as connection:
        reader = EventReader(connection, reading)
        for block in blocks:
            parsed, latest = _parsed(reader, block, seen)
            seen = max(filter(None, (seen, latest)), default=None)
            del block  # while what it says is waiting to be stored, the memory is needed elsewhere
            give_back()
            yield parsed


def _parsed(reader: EventReader, block: Block, seen: datetime | None) -> tuple[Parsed, datetime | None]:
    """Return what a block says, and the latest time in it."""
    lines = arrow_lines(block)
    events = reader.read(lines.table, seen)
    reader.forget()
    attempts, facts = _apart(events)
    count = lines.table.num_rows + len(lines.overlong)
    latest: datetime | None = pc.max(events["event_time"]).as_py()
    return Parsed(block.without_lines(), count, attempts, facts, lines.overlong), latest


def _apart(events: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the events that are no facts of messages, and those that are; not copied where there are none."""
    fact = pc.equal(events["kind"], "message")
    few = events.select(_FACTS)
    return (events.filter(pc.invert(fact)), few.filter(fact)) if pc.any(fact).as_py() else (events, few.slice(0, 0))


def in_batches(parsed: Iterable[Parsed], size: int) -> Iterator[Parsed]:
    """Yield what several blocks of together about `size` bytes say as if they were one: loading likes more at a time.

    No more once they hold _ATTEMPTS: what a commit takes in memory goes by rows, and some logs have short lines. A last
    line without an end stays by itself.
    """
    held: list[Parsed] = []
    for one in parsed:
        if held and not one.block.ended:
            yield _together(held)
            held = []
        held.append(one)
        if not one.block.ended or one.block.end - held[0].block.start >= size or _attempts(held) >= _ATTEMPTS:
            yield _together(held)
            held = []
    if held:
        yield _together(held)


def _attempts(several: list[Parsed]) -> int:
    return sum(one.attempts.num_rows for one in several)


def _together(several: list[Parsed]) -> Parsed:
    return Parsed(
        block=replace(several[-1].block, start=several[0].block.start),
        lines=sum(one.lines for one in several),
        attempts=pa.concat_tables([one.attempts for one in several]),
        facts=pa.concat_tables([one.facts for one in several]),
        overlong=[line for one in several for line in one.overlong],
    )
