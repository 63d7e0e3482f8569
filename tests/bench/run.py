"""`make bench`: logbounce against pflogsumm, eximstats and plain DuckDB, on the same files in one run.

Each format gets a log of LINES lines. The programs take turns, so that a busy machine is busy for both; times are
medians of three runs, with the page cache warm. logbounce starts with an empty database each time and does all of its
work: parse, correlate, classify, escalate, commit. Then the truth is checked by domain and sending IP.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import classifying, measure, messages, truth

if TYPE_CHECKING:
    from collections.abc import Sequence

RUNS = 3
HERE = Path(__file__).parent
ROWS = (sys.executable, "-m", "tests.bench.rows")
ATTEMPTS = 24_000  # a commit, as ingest makes them
FILES = {"postfix": "postfix.log", "exim": "exim_mainlog", "powermta": "powermta.csv"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that people use for the same question, or a yardstick: DuckDB without any meaning."""

    name: str
    command: tuple[str, ...]


def folder() -> Path:
    """Return where workloads and unpacked peers are kept."""
    return Path(os.environ.get("LOGBOUNCE_BENCH_DIR") or Path(tempfile.gettempdir()) / "logbounce-bench")


def peers() -> dict[str, list[Peer]]:
    """Find the programs to compare with, by format, or say how to get them."""
    pflogsumm = shutil.which("pflogsumm")
    unpacked = folder() / "peers/usr/sbin/eximstats"
    eximstats = shutil.which("eximstats") or (str(unpacked) if unpacked.exists() else None)
    perl = shutil.which("perl")
    if not (pflogsumm and eximstats and perl):
        missing = "pflogsumm" if not pflogsumm else "eximstats" if not eximstats else "perl"
        sys.exit(
            f"bench: {missing} is not installed; `bash tests/bench/install.sh` as root gets it from Debian's packages"
        )
    bare = (sys.executable, str(HERE / "bare.py"))
    stored = Peer("its rows stored, no more", (*ROWS, "store", "{rows}", str(ATTEMPTS)))
    return {
        # pflogsumm passes over instances of another name unless told: both are to read the same deliveries.
        "postfix": [
            Peer("pflogsumm", (perl, pflogsumm, r"--syslog-name=postfix-ip\d", "{log}")),
            Peer("DuckDB, 13 columns cut", (*bare, "postfix", "{log}")),
            stored,
        ],
        "exim": [
            Peer("eximstats", (perl, eximstats, "{log}")),
            Peer("DuckDB, 13 columns cut", (*bare, "exim", "{log}")),
            stored,
        ],
        "powermta": [Peer("DuckDB read_csv, group by", (sys.executable, str(HERE / "by_hand.py"), "{log}")), stored],
    }


def workload(kind: str, lines: int) -> Path:
    """Return the folder with a log of that many lines, written once by a process of its own."""
    target = folder() / f"{kind}-{lines}"
    if not (target / "truth.json").exists():
        command = ("-m", "tests.bench.workload", str(target), "--lines", str(lines), "--count", kind, "--formats", kind)
        subprocess.run((sys.executable, *command), check=True)
    return target


def compare(kind: str, among: Sequence[Peer], lines: int, database: Path) -> list[measure.Cost]:
    """Let logbounce and its peers take turns on one log; return what each cost, logbounce first."""
    log, rows = workload(kind, lines) / FILES[kind], database.with_suffix(".rows")
    commands = [[{"{log}": str(log), "{rows}": str(rows)}.get(part, part) for part in peer.command] for peer in among]
    turns = []
    for _ in range(RUNS):
        database.unlink(missing_ok=True)
        ours = measure.run(truth.ingest_command(database, log))
        if not rows.exists():
            rows.mkdir()
            subprocess.run((*ROWS, "take", database, rows), check=True)
        turns.append([ours, *map(measure.run, commands)])
    return [measure.summary(costs) for costs in zip(*turns, strict=True)]


def wrong(kind: str, lines: int, database: Path) -> list[str]:
    """Check the truth, and that reading the same log again adds nothing."""
    where = workload(kind, lines)
    problems = truth.differences(database, where)
    before = truth.attempts(database)
    measure.run(truth.ingest_command(database, where / FILES[kind]))
    if truth.attempts(database) != before:
        problems.append(f"a second ingest made {truth.attempts(database)} attempts of {before}")
    return problems


def show(kind: str, among: Sequence[Peer], costs: Sequence[measure.Cost]) -> None:
    """Print what each cost, and how fast it is beside the first peer."""
    names = ["logbounce ingest", *(peer.name for peer in among)]
    for name, cost in zip(names, costs, strict=True):
        ratio = costs[1].wall / cost.wall
        print(f"{kind:<9} {name:<26} {cost.wall:7.2f} {cost.cpu:7.2f} {cost.peak_mib:9.0f} {ratio:6.1f}x", flush=True)


def report(problems: Sequence[str], database: Path) -> None:
    """Print whether the truth holds, with the first few places where it does not, and how many templates there are."""
    print(
        "          truth by domain and IP:",
        f"{len(problems)} differences" if problems else "exact; a second ingest adds nothing",
        f"({truth.templates(database)} templates)",
    )
    for problem in problems[:5]:
        print("          ", problem)


def main() -> None:
    """Run every comparison; exit 1 when a truth does not hold."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, default=1_000_000)
    lines = options.parse_args().lines
    failed = False
    print(f"{lines:,} lines a format   {'':<10} wall s   CPU s  peak MiB  speed", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for kind, among in peers().items():
            database = Path(scratch) / f"{kind}.duckdb"
            show(kind, among, compare(kind, among, lines, database))
            problems = wrong(kind, lines, database)
            report(problems, database)
            failed = failed or bool(problems)
    messages.main()
    classifying.main(folder())
    sys.exit(failed)


if __name__ == "__main__":
    main()
