"""The rules as one SQL expression: the position of the first rule that matches.

One CASE over whole columns is what DuckDB does fast: each branch sees only the rows that no branch before it took.
Phrases, codes and patterns are bound; only a rule's checked `sql` becomes part of the statement's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logbounce.rules.check import predicate
from logbounce.rules.read import is_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rule, Rules


@dataclass(slots=True)
class Decision:
    """SQL text with its named parameters."""

    parameters: dict[str, object] = field(default_factory=dict)
    rule: str = "null"
    provider: str = "provider"

    def bind(self, value: object) -> str:
        """Return the name of a parameter with this value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def decide(connection: DuckDBPyConnection, rules: Rules) -> Decision:
    """Compile the rules."""
    decision = Decision()
    marked = [(_any(p.says, decision, _text), decision.bind(p.name)) for p in rules.providers.values() if p.says]
    if marked:
        cases = " ".join(f"when {condition} then {name}" for condition, name in marked)
        decision.provider = f"coalesce(provider, case {cases} end)"
    branches = [f"when {_conditions(connection, r, decision)} then {n}" for n, r in enumerate(rules.rules, 1)]
    if branches:
        decision.rule = f"case {' '.join(branches)} end"
    return decision


def _conditions(connection: DuckDBPyConnection, rule: Rule, decision: Decision) -> str:
    """Cheap conditions first; `sql` last."""
    parts = [
        _any(rule.code, decision, _code),
        _any(rule.status, decision, _status),
        *(_any(getattr(rule, c), decision, _equal(c)) for c in ("provider", "smtp_stage", "mta")),
        _any(rule.text, decision, _text),
        *(_text(word, decision) for word in rule.every),
        *(f"not {_text(word, decision)}" for word in rule.none),
    ]
    if (pure := predicate(connection, rule)) is not None:
        parts.append(f"({pure})")
    return " and ".join(part for part in parts if part)


def _any(words: Iterable[str], decision: Decision, one: Callable[[str, Decision], str]) -> str:
    conditions = [one(word, decision) for word in words]
    return f"({' or '.join(conditions)})" if conditions else ""


def _text(word: str, decision: Decision) -> str:
    if is_pattern(word):
        return f"regexp_matches(text, {decision.bind('(?i)' + word[1:-1])})"
    return f"contains(text, {decision.bind(word)})"


def _code(word: str, decision: Decision) -> str:
    lowest, highest = int(word.replace("x", "0")), int(word.replace("x", "9"))
    return f"smtp_code between {decision.bind(lowest)} and {decision.bind(highest)}"


def _status(word: str, decision: Decision) -> str:
    return f"enhanced_status like {decision.bind('.'.join('%' if part == 'x' else part for part in word.split('.')))}"


def _equal(column: str) -> Callable[[str, Decision], str]:
    return lambda word, decision: f"{column} = {decision.bind(word)}"
