"""What a check of the installation finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong."""

    what: str
    why: str  # it matters
    mend: str  # the command or the change that mends it
