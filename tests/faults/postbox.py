"""A mailbox on a real Dovecot, the settings that fetch it, and what the database then holds of it.

Every message is a bounce of an address of its own, so what is lost or doubled has a name; the mailbox is trusted.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from logbounce.database import connect
from tests.faults import inside
from tests.unit.cli.command import environment
from tests.unit.ingest.bounces import dsn

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.driver import Plan
    from tests.live.dovecot import Dovecot

COUNTED = "select recipient from attempts order by all"
SUPPRESSED = "select address from suppressions order by all"


def bounce(number: int) -> bytes:
    """Return the bounce of address `number`."""
    return dsn(f"r{number}@example.org", message_id=f"{number}@sender.example")


class Postbox:
    """A user of Dovecot, and a folder with logbounce.yaml."""

    def __init__(self, folder: Path, dovecot: Dovecot, user: str, protocol: str = "imap", after: str = "keep") -> None:
        self.folder, self.dovecot, self.user = folder, dovecot, user
        self.delivered = 0
        self._protocol, self._after = protocol, after
        self._database = folder / "logbounce.duckdb"
        self.reach()

    def reach(self, port: int = 0, *, plain: bool = False) -> None:
        """Have the settings say by which port the server is reached, and whether it speaks TLS there."""
        more = {"tls": "none"} if plain else {}
        self.dovecot.configure(self.folder, self._protocol, self.user, port, after=self._after, trust="any", **more)

    def deliver(self, count: int = 1, name: str | None = None) -> None:
        """Deliver the next bounces; `name` is the file's, which POP3 here has for the UIDL."""
        for number in range(self.delivered, self.delivered + count):
            self.dovecot.deliver(self.user, bounce(number), name)
        self.delivered += count

    def fetch(self, code: int | None = 0) -> str:
        """Run `logbounce fetch`, check its exit code (None: 8 if it says something) and return its standard error."""
        done = inside.run(self.folder, "fetch")
        expected = (8 if done.stderr else 0) if code is None else code
        assert done.returncode == expected, done.stderr
        return done.stderr

    def killed(self, plan: Plan) -> bool:
        """Run `logbounce fetch` by the plan; tell whether it was killed, and not done before."""
        command = plan.command("fetch")
        done = subprocess.run(command, cwd=self.folder, env=environment(self.folder), capture_output=True, check=False)
        assert done.returncode in {0, -9}, done.stderr.decode()
        return done.returncode != 0

    def folder_has(self, folder: str) -> int:
        """Return how many messages are in a folder of the user."""
        said = self.dovecot.admin("search", "-u", self.user, "mailbox", folder, "all")
        return len(said.splitlines())

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with connect(self._database, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def check(self) -> None:
        """Check that each bounce that was delivered is one attempt and one suppression."""
        expected = sorted((f"r{number}@example.org",) for number in range(self.delivered))
        assert self.query(COUNTED) == expected
        assert self.query(SUPPRESSED) == expected
