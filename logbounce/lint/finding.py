"""What a check has to say of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from logbounce.rules import Rule


class Finding(NamedTuple):
    """One line about one rule. A note says what to know; anything else is to be mended."""

    rule: Rule
    what: str
    is_note: bool = False

    @property
    def line(self) -> str:
        """Where, what, and what to do."""
        return f"{self.rule.place}: {'note: ' if self.is_note else ''}{self.what}"

    def fields(self) -> dict[str, object]:
        """Return what JSON shows."""
        place = {"file": self.rule.origin, "line": self.rule.line, "rule_id": self.rule.id}
        return {**place, "kind": "note" if self.is_note else "finding", "what": self.what}
