"""The lines of one open log to events, a block at a time, for as long as it is followed."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from logbounce.parse import parse_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from logbounce.follow import Block
    from logbounce.parse import Parsed, Reading

_RENEW_SECONDS = 6 * 3600  # a stamp without a year is told from the time at which it is read


class LineParser:
    """Parses the blocks of one log that is followed."""

    def __init__(self, reading: Reading) -> None:
        """Read as `reading` says."""
        self.reading = reading
        self._blocks: deque[Block] = deque()
        self._parsed: Iterator[Parsed] = iter(())
        self._renew_at = float("-inf")

    def parse(self, block: Block, latest: datetime, seen: datetime | None) -> Parsed:
        """Return what a block says.

        `latest` (UTC): when the log was last written; `seen` is the latest time of what was read before.
        """
        if time.monotonic() >= self._renew_at:
            self.reading = replace(self.reading, latest=latest)
            self._parsed = parse_blocks(iter(self._blocks.popleft, None), self.reading, seen)
            self._renew_at = time.monotonic() + _RENEW_SECONDS
        self._blocks.append(block)
        return next(self._parsed)
