"""A new database beside the old one, which it replaces when it is complete."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.database import alone, attach, connect, draft, held, place, statement, value, write_ahead_logs
from logbounce.errors import DamagedError
from logbounce.ingest import reports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

_EVER = datetime(1, 1, 1)  # noqa: DTZ001 - the database has UTC without a zone
_UNKEPT = (
    "cannot be read: what no log tells is lost with it: manual suppressions and releases, forgotten addresses, gaps"
)


@dataclass
class Rebuilding:
    """`draft` is the new database, to read logs into; `finish` puts it in its place.

    `unkept` says what could not be kept of the old one, `old` where that one is afterwards, `forgotten` how many
    addresses were erased from it, of which the logs may have told again.
    """

    path: Path
    draft: Path
    unkept: str | None = None
    old: Path | None = None
    forgotten: int = 0
    _kept_to: int = field(default=0, repr=False)

    def begin(self) -> None:
        """Bring what people decided, which a decision from the logs has to know of."""
        if not self.path.exists():
            return
        with self._unless_damaged(), self._both() as connection:
            self._keep(connection, "rebuild_manual")

    def finish(self) -> None:
        """Bring the rest, and put the new database in the place of the old one, which is kept beside it."""
        if not self.path.exists():
            place(self.draft, self.path)
            return
        if self.unkept is None:
            with self._unless_damaged(), self._both() as connection:
                self._keep(connection, "rebuild_manual")
                connection.execute(statement("rebuild_reports"))
                reports.match(connection, since=_EVER)
                connection.execute(statement("rebuild_rest"))
                _close(connection)
                self._replace()
        if self.old is None:
            self._replace()

    @contextmanager
    def _unless_damaged(self) -> Iterator[None]:
        try:
            yield
        except DamagedError:
            self.unkept = f"{self.path}: {_UNKEPT}"

    @contextmanager
    def _both(self) -> Iterator[DuckDBPyConnection]:
        """Yield a connection to the new database that has the old one attached, which nobody can write meanwhile."""
        with held(self.path) as connection:
            attach(connection, self.draft, "fresh")
            connection.execute("use fresh")
            yield connection

    def _keep(self, connection: DuckDBPyConnection, name: str) -> None:
        connection.execute("set variable kept_to = $1", [self._kept_to])
        connection.execute(statement(name))
        self._kept_to = value(connection, "select coalesce(max(number), 0) from held.suppression_ledger")
        self.forgotten = value(
            connection, "select count(*) from suppression_ledger where starts_with(address, 'forgotten:')"
        )

    def _replace(self) -> None:
        self.old = self.path.with_name(f"{self.path.name}.old")
        self.old.unlink(missing_ok=True)
        os.link(self.path, self.old)
        for log in write_ahead_logs(self.path):  # of a damaged one: what is in it is not the new one's
            log.replace(log.with_name(log.name.replace(self.path.name, self.old.name, 1)))
        place(self.draft, self.path, like=self.path.stat())


def _close(connection: DuckDBPyConnection) -> None:
    connection.execute("use memory")
    connection.execute("checkpoint fresh")
    connection.execute("detach fresh")


@contextmanager
def rebuilding(path: Path) -> Iterator[Rebuilding]:
    """Yield a new database, thrown away unless `finish` is called; nobody follows logs into the old one meanwhile."""
    path = Path(os.path.realpath(path))
    with draft(path) as made, alone(path):
        connect(made).close()
        work = Rebuilding(path, made)
        work.begin()
        yield work
