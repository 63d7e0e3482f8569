"""One rule by its id."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from logbounce.errors import Exit, LogbounceError

if TYPE_CHECKING:
    from logbounce.rules.model import Rule, Rules


class UnknownRuleError(LogbounceError):
    """No rule has this id."""

    exit = Exit.USAGE


def find(rules: Rules, rule_id: str) -> tuple[int, Rule]:
    """Return the rule's position, counted from 1, and the rule."""
    for position, rule in enumerate(rules.rules, 1):
        if rule.id == rule_id:
            return position, rule
    close = difflib.get_close_matches(rule_id, [rule.id for rule in rules.rules], n=1)
    hint = f"did you mean {close[0]}?" if close else "`logbounce rules list` shows them all"
    raise UnknownRuleError(f"no rule has the id {rule_id}: {hint}")
