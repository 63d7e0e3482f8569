"""A database in memory that reads logs, and everything that it says afterwards, to be compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbounce.database import memory
from logbounce.ingest import Pipeline, oldest_first
from logbounce.settings import Settings
from tests.unit.ingest.logs import RULES

if TYPE_CHECKING:
    from logbounce.ingest import Ingested

# Everything but where it was read, and when it was decided.
_RELATIONS = {
    "attempts": "select * exclude (source_name, source_offset) from attempt_rows order by all",
    "outcomes": "select * exclude (source_name, source_offset) from outcomes order by all",
    "messages": "from messages order by all",
    "templates": "from response_templates order by all",
    "complaints": "select * exclude (source_name, source_offset) from complaints order by all",
    "unparsed": "select * exclude (source_name, source_offset) from unparsed_lines order by all",
    "suppressions": "select * exclude (number, decided_at) from suppression_ledger order by all",
}
_TABLES = (
    "attempt_rows",
    "messages",
    "response_templates",
    "complaints",
    "unparsed_lines",
    "suppression_ledger",
    "sources",
    "source_gaps",
    "undecided_addresses",
    "report_messages",
    "report_rows",
)

Stored = dict[str, list[tuple[Any, ...]]]


class Memory:
    """A database in memory; `settings` are those of Settings."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - whatever Settings takes
        self.connection = memory()
        self.settings = Settings(database=Path("unused"), **{"timezone": "UTC"} | settings)
        self.pipeline = Pipeline(self.connection, self.settings, RULES)

    def ingest(self, path: Path, wanted: str | None = None) -> Ingested:
        """Read one log."""
        return self.pipeline.ingest(str(path), wanted)

    def run(self, *paths: Path) -> list[Ingested]:
        """Read logs as one run of `ingest` does."""
        return [self.pipeline.ingest(path) for path in oldest_first([str(path) for path in paths], self.settings, None)]

    def stored(self) -> Stored:
        """Return every row, in an order of its own."""
        return {name: self.rows(sql) for name, sql in _RELATIONS.items()}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(sql).fetchall()

    def sources(self) -> list[tuple[Any, ...]]:
        """Return path, position, lines, attempts, noise and unparsed of each source, by path."""
        return self.rows("select path, position, lines_read, attempts, noise, unparsed from sources order by path")

    def empty(self) -> None:
        """Forget every log."""
        for table in _TABLES:
            self.connection.execute(f"delete from {table}")  # noqa: S608 - names of this file


def differences(found: Stored, expected: Stored) -> Stored:
    """Return the rows that only one of the two has."""
    return {
        f"{sign}{name}": rows
        for name in expected
        for sign, rows in (
            ("+", [row for row in found[name] if row not in expected[name]]),
            ("-", [row for row in expected[name] if row not in found[name]]),
        )
        if rows
    }
