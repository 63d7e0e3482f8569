"""The rules as SQL expressions: the position of the first rule that matches, and the provider by its own words.

One CASE over whole columns is what DuckDB does fast: each branch sees only the rows that no branch before it took. Its
constants are literals and not parameters: a statement with parameters is planned twice, and planning 200 rules with
their patterns is what takes the time (260 ms with parameters, 55 ms without).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logbounce.rules import is_pattern
from logbounce.rules.check import predicate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rule, Rules


def rule_expression(connection: DuckDBPyConnection, rules: Rules, beyond: Sequence[str]) -> str:
    """Return the position, counted from 1, of the first rule that matches; null where none does.

    The patterns of `beyond` have been tried before: see beyond.py.
    """
    text = word_expression(beyond)
    branches = [
        f"when {' and '.join(sql for _, sql in conditions(connection, rule, text))} then {n}"
        for n, rule in enumerate(rules.rules, 1)
    ]
    return f"case {' '.join(branches)} end" if branches else "null::integer"


def provider_expression(rules: Rules) -> str:
    """Return the provider whose words a text holds; null where there are none."""
    marked = [provider for provider in rules.providers.values() if provider.says]
    branches = [f"when {_any_words(provider.says, _text)} then {_literal(provider.name)}" for provider in marked]
    return f"case {' '.join(branches)} end" if branches else "null::varchar"


def conditions(
    connection: DuckDBPyConnection, rule: Rule, text: Callable[[str], str]
) -> Iterator[tuple[tuple[str, str | None], str]]:
    """Yield each condition of a rule: its key, its word if it is of `all` or `not`, and its expression.

    Cheap conditions first; `sql` last.
    """
    choices = (("code", _code), ("status", _status), *((c, _equal(c)) for c in ("provider", "smtp_stage", "mta")))
    for key, one in choices:
        if words := getattr(rule, key):
            yield (key, None), _any(words, one)
    if rule.text:
        yield ("text", None), _any_words(rule.text, text)
    yield from ((("all", word), text(word)) for word in rule.every)
    yield from ((("not", word), f"not {text(word)}") for word in rule.none)
    if (pure := predicate(connection, rule)) is not None:
        yield ("sql", None), f"({pure})"


def word_expression(beyond: Sequence[str]) -> Callable[[str], str]:
    """Return what makes an expression of a phrase or pattern."""
    numbers = {pattern: number for number, pattern in enumerate(beyond)}

    def expression(word: str) -> str:
        if word in numbers:
            return f"(key in (select key from beyond where pattern = {numbers[word]}))"  # noqa: S608 - a number
        return _text(word)

    return expression


def _any(words: Iterable[str], one: Callable[[str], str]) -> str:
    conditions = [one(word) for word in words]
    return f"({' or '.join(conditions)})" if conditions else ""


def _any_words(words: Sequence[str], text: Callable[[str], str]) -> str:
    """Phrases become one pattern: RE2 looks for all of them at once, and one function is planned and not thirty."""
    phrases = [word for word in words if not is_pattern(word)]
    if len(phrases) <= 1:
        return _any(words, text)
    together = f"regexp_matches(text, {_literal('|'.join(map(re.escape, phrases)))})"
    return _any([together, *(text(word) for word in words if is_pattern(word))], str)


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
