"""Distinct replies a second through `logbounce classify --json`, from a file to nowhere.

Start-up, and planning the rules once, is what one reply takes; it is taken off. Medians of RUNS turns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import measure

RUNS = 3
TEXTS = 400_000
COMMAND = (sys.executable, "-m", "logbounce", "classify", "--json")


def workload(folder: Path, count: int = TEXTS) -> Path:
    """Return the file with the replies, written once."""
    path = folder / f"replies-{count}.txt"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = (sys.executable, "-m", "tests.bench.distinct", str(path.with_suffix(".part")), "--texts", str(count))
        subprocess.run(command, check=True)
        path.with_suffix(".part").rename(path)
    return path


def cost(path: Path) -> measure.Cost:
    """Return the median cost of classifying the lines of a file."""
    return measure.summary([measure.run(COMMAND, stdin=str(path)) for _ in range(RUNS)])


def main(folder: Path, count: int = TEXTS) -> None:
    """Print the figures; the workload is kept in the folder."""
    replies = workload(folder, count)
    with tempfile.TemporaryDirectory() as scratch:
        single = Path(scratch) / "single.txt"
        single.write_text("550 5.1.1 User unknown\n")
        start, whole = cost(single), cost(replies)
    wall, cpu = whole.wall - start.wall, whole.cpu - start.cpu
    print(f"{'distinct replies':<21} {count:,} texts{'':<10}  texts/s  a CPU s    CPU s  peak MiB  start-up s")
    print(
        f"          logbounce classify{'':<12} {count / wall:12,.0f} {count / cpu:8,.0f} {cpu:8.2f}"
        f" {whole.peak_mib:9.0f} {start.wall:11.2f}",
        flush=True,
    )
