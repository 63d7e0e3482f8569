"""What a source would say again and again, told now and then: in a service's years, what broke may break again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_AGAIN_SECONDS = 24 * 3600.0


class Complaints:
    """Tells each complaint when it is first heard, and again when it is heard a day after it was told."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Tell them to `say`."""
        self._say = say
        self._told_at: dict[str, float] = {}

    def hear(self, words: str) -> None:
        """Tell a complaint, unless it was told within a day."""
        now = time.monotonic()
        self._told_at = {told: at for told, at in self._told_at.items() if now - at < _AGAIN_SECONDS}
        if words not in self._told_at:
            self._told_at[words] = now
            self._say(words)
