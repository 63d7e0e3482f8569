"""Every check, over every rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.database import memory
from logbounce.lint.finding import Finding
from logbounce.lint.hidden import hidden
from logbounce.lint.reach import unreachable
from logbounce.lint.words import examples, needless, plain_patterns, repeated
from logbounce.rules import needs_more

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules


def lint(rules: Rules) -> list[Finding]:
    """Return what is to be mended and what is to be noted, in the order of the rules."""
    places = {rule.id: place for place, rule in enumerate(rules.rules)}
    return sorted(_findings(rules), key=lambda finding: (places[finding.rule.id], finding.is_note))


def _findings(rules: Rules) -> Iterator[Finding]:
    yield from hidden(rules)
    yield from repeated(rules)
    with memory() as connection:
        yield from unreachable(connection, rules)
        yield from _beyond(connection, rules)
    for rule in rules.rules:
        yield from needless(rule)
        yield from plain_patterns(rule)
        yield from examples(rule)


def _beyond(connection: DuckDBPyConnection, rules: Rules) -> Iterator[Finding]:

    for rule in rules.rules:
        for pattern in rule.patterns:
            if needs_more(connection, pattern):
                yield Finding(rule, f"{pattern} needs more than RE2 and runs in regex, with a time limit", is_note=True)
