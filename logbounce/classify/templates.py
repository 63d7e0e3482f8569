"""Verdicts for the templates that load has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify.verdicts import judge
from logbounce.database import statement, value

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules


def classify_templates(connection: DuckDBPyConnection, rules: Rules) -> int:
    """Classify every template whose category is null, in the caller's transaction; return how many there were."""
    connection.execute(statement("classify_templates"))
    count = int(value(connection, "select count(*) from replies"))
    if not count:
        return 0
    judge(connection, rules)
    connection.execute(statement("classify_store"))
    _note_rules(connection, rules.digest, count)
    return count


def _note_rules(connection: DuckDBPyConnection, digest: str, judged: int) -> None:
    """Keep in `meta` which rules have judged every template, as long as that is true of any."""
    connection.execute("delete from meta where key = 'templates_digest' and value <> $1", [digest])
    connection.execute(statement("classify_digest"), [digest, judged])
