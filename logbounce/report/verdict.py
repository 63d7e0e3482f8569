"""Whether a bounce rate is too high, as far as its numbers can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 0.02  # what mailbox providers and mail services commonly tolerate


def verdict(figures: Mapping[str, object]) -> str:
    """Say where the rate stands against the limit: by its interval, since a rate of few messages proves nothing."""
    low, high = figures["low"], figures["high"]
    if not isinstance(low, float) or not isinstance(high, float):
        return "nothing was delivered or failed"
    if low > LIMIT:
        return f"above {100 * LIMIT:.0f} %"
    return f"below {100 * LIMIT:.0f} %" if high < LIMIT else f"too few messages to tell from {100 * LIMIT:.0f} %"
