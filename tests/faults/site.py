"""A Postfix log that grows and rotates, the settings that follow it, and what the database then holds of it.

Every line is one attempt with a queue id of its own, so what is lost or doubled has a number.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbounce.database import connect
from logbounce.errors import DatabaseError
from tests.faults import inside
from tests.unit.cli.command import ORDINARY, environment, logbounce

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = dt.datetime.fromisoformat("2026-11-20T10:00:00")
BOUNCES_EVERY = 10
PATIENCE = 30.0  # seconds; a busy machine must not decide whether a test passes
SOON = 5.0  # seconds of a processor
QUICK = ("--commit-seconds", "0.05")
STORED = "select recipient from attempts order by event_time, recipient"
SUPPRESSED = "select address from suppression_ledger where action = 'suppress'"
UNPARSED = "select line from unparsed_lines"
GAPS = "select source_name, path, from_position, to_position from source_gaps order by found_at"
_DELIVERED = "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
_BOUNCED = "dsn=5.1.1, status=bounced (host mx[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command))"


def line(number: int) -> str:
    """Return the line of attempt `number`; each tenth bounces for good, so its address is suppressed."""
    stamp = (EPOCH + dt.timedelta(milliseconds=10 * number)).isoformat(timespec="microseconds")
    end = _DELIVERED if number % BOUNCES_EVERY else _BOUNCED
    relay = "relay=mx.example.org[192.0.2.1]:25, delay=1, delays=0/0/0/1"
    return f"{stamp}+00:00 mx1 postfix/smtp[1]: 4T{number:08x}zW: to=<u{number}@example.org>, {relay}, {end}\n"


def lines(start: int, end: int) -> bytes:
    """Return the lines of attempts `start` to `end`, the last not included."""
    return "".join(map(line, range(start, end))).encode()


def _used(pid: int) -> float:
    """Return the processor seconds of a process (proc_pid_stat(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def used_by_the_ended() -> float:
    """Return the processor seconds of all child processes that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _numbers(rows: list[tuple[str]]) -> list[int]:
    """Return the numbers of the attempts that these addresses are of."""
    return [int(address.partition("@")[0][1:]) for (address,) in rows]


class Running:
    """A `logbounce tail` in a process of its own; its standard error goes to a file."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self._errors = errors

    @property
    def said(self) -> str:
        """Return its standard error so far."""
        return self._errors.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Wait until `condition` holds; fail when it does not, or when the process ends."""
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"tail ended with {self.process.returncode}: {self.said}"
            assert time.monotonic() < end, f"not after {seconds} s; tail said: {self.said}"
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM, seconds: float = PATIENCE) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=seconds)

    def stop_soon(self, number: int) -> int:
        """Send a signal and return the exit code; what it still does takes five seconds of a processor at most."""
        done, before = _used(self.process.pid), used_by_the_ended()
        code = self.stop(number)
        assert used_by_the_ended() - before - done < SOON
        return code

    def end(self) -> None:
        """Kill it, if it still runs."""
        self.process.kill()
        self.process.wait()


class Site:
    """A folder with mail.log and logbounce.yaml in it, and logbounce.duckdb unless that is put elsewhere."""

    def __init__(self, folder: Path, *, rotated: str = "", database: Path | None = None) -> None:
        self.folder = folder
        self.log = folder / "mail.log"
        self.settings = folder / "logbounce.yaml"
        self.database = database or folder / "logbounce.duckdb"
        self.written = 0
        self._running: list[Running] = []
        self.configure(self.log, rotated=rotated)

    def configure(self, path: Path, *, rotated: str = "") -> None:
        """Write the settings: one source that is found at `path`."""
        more = f", rotated: '{rotated}'" if rotated else ""
        source = f"{{name: mx1, format: postfix, path: '{path}'{more}}}"
        self.settings.write_text(f"database: {self.database}\nsources:\n  - {source}\n")
        self.settings.chmod(0o600)

    def take(self, count: int) -> bytes:
        """Return the next lines, which somebody else will write."""
        start, self.written = self.written, self.written + count
        return lines(start, self.written)

    def write(self, count: int = 10, log: Path | None = None) -> None:
        """Append the next lines to the log."""
        with (log or self.log).open("ab") as file:
            file.write(self.take(count))

    def once(self, *, code: int | None = 0, apart: bool = False, ordinary: bool = False) -> str:
        """Run `logbounce tail --once`, check its exit code (None: any), and return its standard error.

        It runs inside this process unless it is to stand `apart`, or without root's passage through permissions
        (`ordinary`).
        """
        if apart or ordinary:
            done = logbounce("tail", "--once", cwd=self.folder, ordinary=ordinary)
        else:
            done = inside.run(self.folder, "tail", "--once")
        assert code in {None, done.returncode}, done.stderr
        assert done.stdout == ""
        return done.stderr

    def start(
        self, *flags: str, quick: bool = True, variables: dict[str, str] | None = None, ordinary: bool = False
    ) -> Running:
        """Start `logbounce tail`, with commits in quick succession or as they usually are, and return at once."""
        errors = self.folder / f"stderr-{len(self._running)}"
        prefix = ORDINARY if ordinary and os.geteuid() == 0 else ()
        with errors.open("wb") as file:
            process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "logbounce", "tail", *(QUICK if quick else ()), *flags],
                cwd=self.folder,
                env=environment(self.folder, variables),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self._running.append(Running(process, errors))
        return self._running[-1]

    def follow_to_the_end(self, running: Running) -> None:
        """Write once more, wait until all of it is stored, stop and check."""
        self.write()
        running.wait_for(lambda: self.has(self.written))
        assert running.stop() == 0
        self.check()

    def end(self) -> None:
        """End whatever was started."""
        for running in self._running:
            running.end()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        (rows,) = self._queries(sql)
        return rows

    def _queries(self, *queries: str) -> list[list[tuple[Any, ...]]]:
        with connect(self.database, read_only=True) as connection:
            return [connection.execute(sql).fetchall() for sql in queries]

    def stored(self) -> list[int]:
        """Return the numbers of the attempts, in their order in time."""
        return _numbers(self.query(STORED))

    def has(self, count: int) -> bool:
        """Tell whether at least so many attempts are in the database; one that cannot be opened now has none."""
        with suppress(DatabaseError):
            return self.database.exists() and self.query("select count(*) from attempts")[0][0] >= count
        return False

    def gaps(self) -> list[tuple[str, str, int, int | None]]:
        """Return source, path, first and last byte of each gap."""
        return self.query(GAPS)

    def check(self, lost: range = range(0)) -> None:
        """Check that each line that could be had is one row, each bounce one suppression, and there is no gap."""
        expected = [number for number in range(self.written) if number not in lost]
        stored, suppressed, unparsed, gaps = self._queries(STORED, SUPPRESSED, UNPARSED, GAPS)
        assert _numbers(stored) == expected
        assert sorted(_numbers(suppressed)) == [number for number in expected if number % BOUNCES_EVERY == 0]
        assert unparsed == []
        assert len(gaps) == bool(lost)

    def check_gap(self, told: str) -> None:
        """Check that one gap is recorded and told of, and that `status` asks for attention until a person accepts."""
        assert len(self.gaps()) == 1, told
        assert str(self.log) in told
        for flags, code in (((), 1), (("--accept-gaps",), 0), ((), 0)):
            assert inside.run(self.folder, "status", *flags).returncode == code
        self.once()
        assert len(self.gaps()) == 1
