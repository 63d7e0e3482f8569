"""Rules that can never act, since an earlier one takes all that they match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify import classify_replies
from logbounce.lint.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.rules import Rules


def hidden(rules: Rules) -> Iterator[Finding]:
    """Yield each rule of whose hits an earlier rule of the same file decides every one.

    A user's rule may take all that a shipped one matches: that is what it is for.
    """
    replies = [(rule, hit) for rule in rules.rules for hit in rule.hits]
    verdicts = classify_replies([hit for _, hit in replies], rules)
    deciding: dict[str, list[str | None]] = {}
    for (rule, _), verdict in zip(replies, verdicts, strict=True):
        deciding.setdefault(rule.id, []).append(verdict["rule_id"])
    places = {rule.id: place for place, rule in enumerate(rules.rules)}
    for rule in rules.rules:
        by = list(dict.fromkeys(deciding[rule.id]))
        earlier = [other for other in by if other is not None and places[other] < places[rule.id]]
        if len(earlier) == len(by) and all(rules.rules[places[other]].origin == rule.origin for other in earlier):
            yield Finding(
                rule, f"never decides, for {' and '.join(earlier)} above takes all its hits: move it up or drop it"
            )
