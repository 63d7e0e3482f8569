"""What only DuckDB can tell: whether patterns compile and are quick, and whether `sql` is a pure predicate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.database import memory
from logbounce.errors import SettingsError
from logbounce.rules.beyond import check_beyond, needs_more, re2_refuses
from logbounce.rules.model import is_pattern
from logbounce.rules.predicate import RefusedError, canonical

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules.model import Provider, Rule, Rules


def check(rules: Rules, origin: str | None = None) -> None:
    """Refuse the first rule (of one file, if `origin` names it) that cannot run, or provider."""
    with memory() as connection:
        for provider in rules.providers.values():
            _check_says(connection, provider)
        for rule in rules.rules:
            if origin in (None, rule.origin):
                _check_patterns(connection, rule)
                predicate(connection, rule)


def predicate(connection: DuckDBPyConnection, rule: Rule) -> str | None:
    """Return the rule's `sql` as DuckDB words it, refusing what is not a pure predicate."""
    if rule.sql is None:
        return None
    try:
        return canonical(connection, rule.sql)
    except RefusedError as error:
        raise SettingsError(f"{rule.place}: sql: {error}") from error


def _check_says(connection: DuckDBPyConnection, provider: Provider) -> None:
    """Refuse a pattern that RE2 cannot run: only those of rules may need more."""
    for word in filter(is_pattern, provider.says):
        if (reason := re2_refuses(connection, word)) is not None:
            raise SettingsError(f"{provider.place}: says: {word} does not compile in RE2: {reason}")


def _check_patterns(connection: DuckDBPyConnection, rule: Rule) -> None:
    for pattern in rule.patterns:
        if (reason := re2_refuses(connection, pattern)) is None:
            continue
        if not needs_more(connection, pattern):
            raise SettingsError(f"{rule.place}: {pattern} does not compile in RE2: {reason}")
        check_beyond(connection, rule, pattern)
