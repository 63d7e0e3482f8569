"""From the temporary table `replies` to the temporary table `verdicts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify.decision import decide
from logbounce.database import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules

OTHERWISE = "undetermined"


def judge(connection: DuckDBPyConnection, rules: Rules) -> None:
    """Give every row of `replies` its category, class, act and rule."""
    decision = decide(connection, rules)
    categories = [rules.categories[rule.category] for rule in rules.rules]
    otherwise = rules.categories[OTHERWISE]
    parameters = decision.parameters | {
        "ids": [rule.id for rule in rules.rules],
        "categories": [category.name for category in categories],
        "classes": [category.bounce_class for category in categories],
        "acts": [category.act for category in categories],
        "other_class": otherwise.bounce_class,
        "other_act": otherwise.act,
    }
    # The two places are filled with SQL of our own making; whatever a rules file says is bound.
    text = statement("classify_replies").replace("{provider}", decision.provider).replace("{rule}", decision.rule)
    connection.execute(text, parameters)
