"""`make torture`: tail is killed while a log is written and rotated; then rows, distinct and lines are equal.

The log is written as a mail server and its syslog daemon do: whole lines and halves of lines, through a descriptor that
stays open for a while after logrotate has renamed the file. CI runs the same with fewer kills (test_01_kill.py).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.driver import ROWS, Plan, commits
from tests.faults.rotation import Logrotate
from tests.faults.site import BOUNCES_EVERY, QUICK, Site
from tests.unit.cli.command import ROOT, environment, logbounce

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES_A_TURN = 8
PAUSE_SECONDS = 0.02
LATE_SECONDS = 0.5  # how long a daemon may go on writing to the file that was renamed
TRANSACTIONS = 3  # to a commit of lines: the rules, the lines, the decisions
SHORT_LIVES = 0.3  # so much more is asked of each life, for those that end before a commit
STUCK_SECONDS = 60.0  # a life without a commit


@dataclass(frozen=True)
class Count:
    """What was done, and what came of it."""

    kills: int
    commits: int
    rotations: int
    lines: int
    read: int  # as the checkpoints count: what goes on at the wrong place need not make a row twice
    rows: int
    distinct: int
    bounces: int
    suppressed: int
    gaps: int
    errors: str  # what tail said on standard error, were it killed or not

    @property
    def exact(self) -> bool:
        """Tell whether nothing was lost, doubled or told of as lost."""
        return (
            self.lines == self.read == self.rows == self.distinct and self.bounces == self.suppressed and not self.gaps
        )

    def __str__(self) -> str:
        names = ("kills", "commits", "rotations", "lines", "read", "rows", "distinct", "bounces", "suppressed", "gaps")
        return "\n".join(f"{name:<10} {getattr(self, name):>9,}" for name in names)


class Writer:
    """Writes lines from a thread of its own until it is stopped."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self._random = random.Random(seed)  # noqa: S311 - the same run for the same seed
        self._stopped = threading.Event()
        self._reopen = threading.Event()
        self._reopened = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def reopen(self) -> None:
        """Have it close its descriptor and open the path again, as SIGHUP does a syslog daemon."""
        self._reopened.clear()
        self._reopen.set()
        self._reopened.wait()

    def stop(self) -> None:
        """Let it finish its line."""
        self._stopped.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._stopped.is_set():
            with self.site.log.open("ab", buffering=0) as file:
                self._reopened.set()
                while not (self._reopen.is_set() or self._stopped.is_set()):
                    part = self.site.take(self._random.randint(1, 2 * LINES_A_TURN))
                    cut = self._random.choice([len(part), self._random.randrange(len(part))])
                    file.write(part[:cut])
                    time.sleep(self._random.random() * PAUSE_SECONDS)
                    file.write(part[cut:])
                    time.sleep(self._random.random() * PAUSE_SECONDS)
            self._reopen.clear()
        self._reopened.set()


class Rotator:
    """Rotates the log from a thread of its own, spread evenly over the kills."""

    def __init__(self, writer: Writer, seed: int) -> None:
        self.done = 0
        self._writer = writer
        self._random = random.Random(seed)  # noqa: S311 - the same run for the same seed
        self._logrotate = Logrotate(writer.site.log, "compress", "delaycompress", keep=20)
        self._wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._rotate, daemon=True)
        self._thread.start()

    def want(self, times: int) -> None:
        """Have it rotate so many times soon, one after the other."""
        for _ in range(times):
            self._wanted.put("rotate")

    def stop(self) -> None:
        """Let it finish what was wanted."""
        self._wanted.put("")
        self._thread.join()

    def _rotate(self) -> None:
        while self._wanted.get():
            time.sleep(self._random.random() * LATE_SECONDS)
            self._logrotate.rotate()
            time.sleep(self._random.random() * LATE_SECONDS)
            self._writer.reopen()
            self.done += 1


class Killer:
    """Starts tail and kills it: at any moment, or just before or just after a COMMIT."""

    def __init__(self, site: Site, seed: int) -> None:
        self.errors = site.folder / "errors"
        self.commits = site.folder / "commits"
        self._site = site
        self._random = random.Random(seed)  # noqa: S311 - the same run for the same seed

    def life(self, share: int) -> None:
        """Start tail once and see it killed after about `share` commits, or before any."""
        way = self._random.choice(["any commit", "any commit", "before", "after", "starting"])
        number = self._random.randint(2, 2 * TRANSACTIONS * share)
        died = {f"die_{way}": number} if way in {"before", "after"} else {}
        with self._running(Plan(commits=str(self.commits), **died)) as process:
            if way == "starting":
                self._sleep(process, self._random.uniform(0.1, 1.2))
            elif way == "any commit":
                self._wait(process, commits(self.commits) + self._random.randint(1, 2 * share))
                self._sleep(process, self._random.random() * 0.1)
            else:
                self._wait(process, sys.maxsize)
            process.kill()
            self._killed(process)

    @contextmanager
    def _running(self, plan: Plan) -> Iterator[subprocess.Popen[bytes]]:
        with self.errors.open("ab") as errors:
            command = plan.command("tail", "--config", str(self._site.settings), *QUICK)
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment(self._site.folder), stdin=subprocess.DEVNULL, stderr=errors
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def _wait(self, process: subprocess.Popen[bytes], count: int) -> None:
        seen, end = -1, 0.0
        while (now := commits(self.commits)) < count and process.poll() is None:
            if now > seen:
                seen, end = now, time.monotonic() + STUCK_SECONDS
            if time.monotonic() > end:
                raise TimeoutError(f"no commit for {STUCK_SECONDS} s: {self.errors.read_text()[-500:]}")
            time.sleep(0.01)

    def _sleep(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return

    def _killed(self, process: subprocess.Popen[bytes]) -> None:
        if process.wait() != -signal.SIGKILL:
            raise RuntimeError(f"tail ended by itself with {process.returncode}: {self.errors.read_text()[-500:]}")


def torture(folder: Path, *, kills: int, least_commits: int, rotations: int, seed: int = 1) -> Count:
    """Kill `logbounce tail` so often, with at least so many commits and rotations in between, and count."""
    site = Site(folder)
    killer = Killer(site, seed)
    with ExitStack() as stack:
        writer = Writer(site, seed)
        stack.callback(writer.stop)
        rotator = Rotator(writer, seed)
        stack.callback(rotator.stop)
        done = 0
        while done < kills or commits(killer.commits) < least_commits:
            left = (least_commits - commits(killer.commits)) / max(kills - done, 1)
            killer.life(max(round(left * (1 + SHORT_LIVES)), 1))
            done += 1
            rotator.want(rotations * min(done, kills) // kills - rotations * min(done - 1, kills) // kills)
            _progress(done, kills)
    final = logbounce("tail", "--once", cwd=folder)
    if final.returncode:
        raise RuntimeError(f"the last `tail --once` ended with {final.returncode}: {final.stderr}")
    return _count(site, killer, done, rotator.done)


def _count(site: Site, killer: Killer, kills: int, rotations: int) -> Count:
    ((rows, distinct),) = site.query("select count(*), count(distinct queue_id) from attempts")
    ((read,),) = site.query("select sum(lines_read)::bigint from sources")
    ((suppressed,),) = site.query("select count(distinct address) from suppression_ledger where action = 'suppress'")
    return Count(
        kills=kills,
        commits=commits(killer.commits, ROWS),
        rotations=rotations,
        lines=site.written,
        read=read,
        rows=rows,
        distinct=distinct,
        bounces=-(-site.written // BOUNCES_EVERY),
        suppressed=suppressed,
        gaps=len(site.gaps()),
        errors=killer.errors.read_text(),
    )


def _side_by_side(sites: int, asked: argparse.Namespace) -> Count:
    """Do it with several logs at a time, each its share; return the sums."""
    with ProcessPoolExecutor(sites, mp_context=multiprocessing.get_context("spawn")) as pool:
        counts = list(pool.map(_alone, *zip(*(_share(asked, number) for number in range(asked.sites)), strict=True)))
    sums = {name: sum(getattr(one, name) for one in counts) for name in Count.__annotations__ if name != "errors"}
    return Count(**sums, errors="".join(one.errors for one in counts))


def _share(asked: argparse.Namespace, number: int) -> tuple[int, int, int, int]:
    """Return what one of the sites does: an equal part, rounded up."""
    kills, commits_, rotations = (-(-part // asked.sites) for part in (asked.kills, asked.commits, asked.rotations))
    return kills, commits_, rotations, asked.seed + number


def _alone(kills: int, least_commits: int, rotations: int, seed: int) -> Count:
    with tempfile.TemporaryDirectory(prefix="logbounce-torture-") as folder:
        return torture(Path(folder), kills=kills, least_commits=least_commits, rotations=rotations, seed=seed)


def _progress(done: int, kills: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {kills:,} kills")
        sys.stderr.flush()


def main() -> int:
    """Print what was counted; 1 when it is not exact."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--rotations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sites", type=int, default=2 * (os.cpu_count() or 1), help="logs followed side by side")
    asked = parser.parse_args()
    count = _side_by_side(asked.sites, asked)
    sys.stdout.write(f"{count}\n{count.errors}")
    return 0 if count.exact else 1


if __name__ == "__main__":
    sys.exit(main())
