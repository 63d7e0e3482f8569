"""The stamps of what carries lines: they have a zone, and tell that of the stamps in the lines, which have none.

A container's clock is most often in UTC, whatever the zone of the machine is that it runs on.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OUTER = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)")
_KEYED = re.compile(rf'"time"\s*:\s*"{_OUTER.pattern}"')
_INNER = re.compile(
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,]\d+)? (?![+-]\d)"
)
_DAY = 24 * 3600
_LATE = 60  # seconds, in which a line comes to what carries it


def says_utc(lines: Iterable[tuple[str, str]]) -> bool:
    """Tell whether lines, as (what stands in the log, what is carried), were stamped in UTC: most that tell say so."""
    said = [utc for line, text in lines if (utc := _is_utc(line, text)) is not None]
    return 2 * sum(said) > len(said)


def _is_utc(line: str, text: str) -> bool | None:
    outer = _KEYED.search(line) if line.startswith("{") else _OUTER.search(line.removesuffix(text))
    inner = _INNER.match(text)
    if outer is None or inner is None:
        return None
    try:
        at = datetime.fromisoformat("".join(outer.groups())).astimezone(UTC)
    except (ValueError, OverflowError):  # no day of any year
        return None
    hour, minute, second = map(int, inner.groups())
    behind = (hour - at.hour) * 3600 + (minute - at.minute) * 60 + second - at.second
    return min(behind % _DAY, -behind % _DAY) <= _LATE
