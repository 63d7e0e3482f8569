"""From the table `replies` to the temporary table `verdicts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify.beyond import try_beyond
from logbounce.classify.decision import provider_expression, rule_expression
from logbounce.database import statement
from logbounce.rules import publish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules


def judge(connection: DuckDBPyConnection, rules: Rules) -> None:
    """Give every row of `replies` its category, class, act and rule."""
    publish(connection, rules)
    beyond = try_beyond(connection, rules)
    connection.execute(f"create or replace temp table verdicts as {judgement(connection, rules, beyond)}")


def judgement(connection: DuckDBPyConnection, rules: Rules, beyond: Sequence[str]) -> str:
    """Return the SELECT of a verdict for each row of `replies`; the patterns of `beyond` have been tried."""
    text = statement("classify_replies").replace("{provider}", provider_expression(rules))
    return text.replace("{rule}", rule_expression(connection, rules, beyond))
