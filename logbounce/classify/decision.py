"""The rules as SQL expressions: the position of the first rule that matches, and the provider by its own words.

One CASE over whole columns is what DuckDB does fast: each branch sees only the rows that no branch before it took. Its
constants are literals and not parameters: a statement with parameters is planned twice, and planning 200 rules with
their patterns is what takes the time (260 ms with parameters, 55 ms without).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.rules.check import predicate
from logbounce.rules.read import is_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rule, Rules


def rule_expression(connection: DuckDBPyConnection, rules: Rules) -> str:
    """Return the position, counted from 1, of the first rule that matches; null where none does."""
    branches = [f"when {_conditions(connection, rule)} then {n}" for n, rule in enumerate(rules.rules, 1)]
    return f"case {' '.join(branches)} end" if branches else "null::integer"


def provider_expression(rules: Rules) -> str:
    """Return the provider whose words a text holds; null where there are none."""
    marked = [provider for provider in rules.providers.values() if provider.says]
    branches = [f"when {_any(provider.says, _text)} then {_literal(provider.name)}" for provider in marked]
    return f"case {' '.join(branches)} end" if branches else "null::varchar"


def _conditions(connection: DuckDBPyConnection, rule: Rule) -> str:
    """Cheap conditions first; `sql` last."""
    parts = [
        _any(rule.code, _code),
        _any(rule.status, _status),
        *(_any(getattr(rule, column), _equal(column)) for column in ("provider", "smtp_stage", "mta")),
        _any(rule.text, _text),
        *(_text(word) for word in rule.every),
        *(f"not {_text(word)}" for word in rule.none),
    ]
    if (pure := predicate(connection, rule)) is not None:
        parts.append(f"({pure})")
    return " and ".join(part for part in parts if part)


def _any(words: Iterable[str], one: Callable[[str], str]) -> str:
    conditions = [one(word) for word in words]
    return f"({' or '.join(conditions)})" if conditions else ""


def _text(word: str) -> str:
    if is_pattern(word):
        return f"regexp_matches(text, {_literal('(?i)' + word[1:-1])})"
    return f"contains(text, {_literal(word)})"


def _code(word: str) -> str:
    return f"smtp_code between {int(word.replace('x', '0'))} and {int(word.replace('x', '9'))}"


def _status(word: str) -> str:
    return f"enhanced_status like {_literal('.'.join('%' if part == 'x' else part for part in word.split('.')))}"


def _equal(column: str) -> Callable[[str], str]:
    return lambda word: f"{column} = {_literal(word)}"


def _literal(value: str) -> str:
    """Quote as DuckDB does: only the quote itself has a meaning in a literal, and nodes.py lets no NUL in."""
    return "'" + value.replace("'", "''") + "'"
