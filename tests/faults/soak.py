"""`make soak`: what `tail` takes in the long run: memory after millions of lines, CPU when idle, seconds to a decision.

The memory is of one process that follows a log of Postfix from its first line to its last, with a rotation for each
row of the table; the idle process is the same one. For the seconds, every tenth of 5,000 lines a second is a hard
bounce of a new address; a second process looks, as a mailing program would, when each has become a suppression.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.database import connect
from logbounce.errors import DatabaseError
from tests.bench import writers
from tests.bench.traffic import Traffic
from tests.bench.workload import SETTINGS, Log
from tests.faults.rotation import Logrotate
from tests.faults.site import BOUNCES_EVERY, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.site import Running

MIB = 1024
IDLE_SHARE = 0.03  # of one core
PATIENCE = 900.0  # seconds for the lines of one step
TICKS = os.sysconf("SC_CLK_TCK")
READ = "select sum(lines_read)::bigint from sources"
SUPPRESSED = "select count(*) from suppression_ledger where action = 'suppress'"


@dataclass(frozen=True)
class Step:
    """After so many lines: what the process has in memory now, and what it had at most."""

    lines: int
    now_mib: float
    most_mib: float


def chunks(lines: int) -> Iterator[bytes]:
    """Yield a log of Postfix in parts of so many lines, without end."""
    buffer = io.StringIO()
    log = Log(buffer)
    for message in Traffic(seed=7):
        log.write_until(message.time)
        log.add(writers.postfix(message))
        if log.written >= lines:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
            log.written = 0


def memory(pid: int) -> tuple[float, float]:
    """Return VmRSS and VmHWM in MiB (proc_pid_status(5))."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    fields = dict(entry.split(":", 1) for entry in text.splitlines())
    now, most = (int(fields[name].split()[0]) / MIB for name in ("VmRSS", "VmHWM"))
    return now, most


def cpu_seconds(pid: int) -> float:
    """Return user and system time (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def has(site: Site, query: str, count: int) -> bool:
    """Tell whether the database has got so far; one that is open for a commit has not."""
    with suppress(DatabaseError), connect(site.database, read_only=True) as connection:
        row = connection.execute(query).fetchone()
        return bool(row and (row[0] or 0) >= count)
    return False


def grow(site: Site, running: Running, steps: int, lines: int) -> Iterator[Step]:
    """Write and rotate the log step by step, each when the one before has been stored."""
    logrotate = Logrotate(site.log, keep=2)
    written = 0
    for number, chunk in zip(range(steps), chunks(lines), strict=False):
        if number:
            logrotate.rotate()
        with site.log.open("ab") as file:
            file.write(chunk)
        written += chunk.count(b"\n")
        running.wait_for(lambda: has(site, READ, written), PATIENCE)  # noqa: B023 - it is called in this round only
        yield Step(written, *memory(running.process.pid))


def idle(running: Running, seconds: float) -> float:
    """Return the share of one core that a process takes which has nothing to do."""
    began = cpu_seconds(running.process.pid)
    time.sleep(seconds)
    return (cpu_seconds(running.process.pid) - began) / seconds


def delays(site: Site, seconds: float, rate: int) -> list[float]:
    """Write so many lines a second; return for each suppression how long after its line it could be seen."""
    written: list[float] = []  # when each bounce was
    seen: list[float] = []  # when each suppression was
    began, end = time.time(), time.time() + seconds
    while len(seen) < len(written) or time.time() < end:
        due = min(int((time.time() - began) * rate), int(seconds * rate)) - site.written
        if due > 0:
            first = site.written
            site.write(due)
            written += [time.time()] * sum(number % BOUNCES_EVERY == 0 for number in range(first, site.written))
        count = suppressed(site)
        seen += [time.time()] * (count - len(seen))
        time.sleep(0.05)
    return sorted(late - early for late, early in zip(seen, written, strict=True))


def suppressed(site: Site) -> int:
    """Return how many suppressions can be seen now."""
    with suppress(DatabaseError), connect(site.database, read_only=True, patience_seconds=0) as connection:
        row = connection.execute(SUPPRESSED).fetchone()
        return row[0] if row else 0
    return 0


def _memory_and_idle(folder: Path, asked: argparse.Namespace) -> bool:
    site = Site(folder)
    site.settings.write_text(site.settings.read_text() + SETTINGS)
    running = site.start(quick=False)
    sys.stdout.write(f"{'lines':>12} {'MiB now':>9} {'MiB most':>9}\n")
    for step in grow(site, running, asked.lines // asked.step, asked.step):
        sys.stdout.write(f"{step.lines:>12,} {step.now_mib:>9.0f} {step.most_mib:>9.0f}\n")
        sys.stdout.flush()
    time.sleep(10)
    share = idle(running, 30)
    sys.stdout.write(f"idle: {share:.1%} of one core\n")
    return running.stop() == 0 and step.most_mib <= asked.most_mib and share < IDLE_SHARE


def _delays(folder: Path, asked: argparse.Namespace) -> bool:
    site = Site(folder)
    running = site.start(quick=False)
    took = delays(site, asked.seconds, asked.rate)
    quantiles = ", ".join(f"{took[min(int(len(took) * q), len(took) - 1)]:.1f}" for q in (0.5, 0.95, 1))
    sys.stdout.write(f"{len(took):,} suppressions at {asked.rate:,} lines/s, seconds after the line:\n")
    sys.stdout.write(f"median, 95 %, most: {quantiles}\n")
    return running.stop() == 0


def main() -> int:
    """Print what was measured; 1 when it is too much."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--step", type=int, default=1_000_000)
    parser.add_argument("--most-mib", type=float, default=238.0, help="250 MB")
    parser.add_argument("--rate", type=int, default=5_000, help="lines a second, for the delays")
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    asked.step = min(asked.step, asked.lines)
    good = True
    for measure in (_memory_and_idle, _delays):
        with tempfile.TemporaryDirectory(prefix="logbounce-soak-") as folder:
            good = measure(Path(folder), asked) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
