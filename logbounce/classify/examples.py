"""Runs the rules' own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from logbounce.classify.texts import classify_replies

if TYPE_CHECKING:
    from logbounce.rules import Example, Rule, Rules


class Failure(NamedTuple):
    """An example that did not come out as its rule says."""

    rule: Rule
    kind: str  # hit, miss
    text: str
    decided_by: str | None  # the rule that did decide

    def fields(self) -> dict[str, object]:
        """Return what JSON shows."""
        place = {"file": self.rule.origin, "line": self.rule.line, "rule_id": self.rule.id}
        return {**place, "kind": self.kind, "text": self.text, "decided_by": self.decided_by}


def failures(rules: Rules) -> list[Failure]:
    """Return the hits that their rule does not decide, and the misses that it does."""
    examples = [
        (rule, kind, example)
        for rule in rules.rules
        for kind, several in (("hit", rule.hits), ("miss", rule.misses))
        for example in several
    ]
    by_id = {rule.id: rule for rule in rules.rules}
    failed = []
    for (rule, kind, example), verdict in zip(examples, _verdicts(rules, [e for _, _, e in examples]), strict=True):
        decided = by_id.get(verdict or "")
        if (decided is rule) != (kind == "hit") and not _overridden(rules, rule, decided):
            failed.append(Failure(rule, kind, example.text, verdict))
    return failed


def _verdicts(rules: Rules, examples: list[Example]) -> list[str | None]:
    return [verdict["rule_id"] for verdict in classify_replies(examples, rules)]


def _overridden(rules: Rules, rule: Rule, decided: Rule | None) -> bool:
    """Tell whether a rule of the user's file took what a shipped rule would have decided, as it may."""
    if decided is None or decided.origin == rule.origin:
        return False
    return rules.rules.index(decided) < rules.rules.index(rule)
