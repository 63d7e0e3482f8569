"""Write the same traffic as a Postfix log, an Exim mainlog and a PowerMTA accounting file, with the truth beside them.

python -m tests.bench.workload FOLDER --lines 1000000 [--seed 7] [--count postfix] [--formats postfix,exim,powermta]
"""

from __future__ import annotations

import argparse
import heapq
import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tests.bench import writers
from tests.bench.traffic import SENDING_IPS, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.bench.traffic import Message

WRITERS: dict[str, tuple[str, Callable[[Message], Iterator[tuple[float, str]]]]] = {
    "postfix": ("postfix.log", writers.postfix),
    "exim": ("exim_mainlog", writers.exim),
    "powermta": ("powermta.csv", writers.powermta),
}
# What names a sending IP where the log does not: Postfix instances and Exim transports.
SETTINGS = "source_ips:\n" + "".join(
    f"  postfix-ip{n}: {ip}\n  remote_smtp_{n}: {ip}\n" for n, ip in enumerate(SENDING_IPS, 1)
)


class Log:
    """A log file whose lines are put in order of time while it is written."""

    def __init__(self, file: TextIO) -> None:
        self.lines = 0
        self.written = 0
        self._file = file
        self._waiting: list[tuple[float, int, str]] = []

    def add(self, lines: Iterable[tuple[float, str]]) -> None:
        """Take lines that may lie in the future of those taken before."""
        for time, line in lines:
            self.lines += 1
            heapq.heappush(self._waiting, (time, self.lines, line))

    def write_until(self, time: float) -> None:
        """Write what no later message can come before."""
        while self._waiting and self._waiting[0][0] < time:
            self._file.write(heapq.heappop(self._waiting)[2] + "\n")
            self.written += 1


def generate(
    folder: Path, lines: int, *, seed: int = 7, count: str = "postfix", formats: Iterable[str] = WRITERS
) -> None:
    """Write the files, truth.json and logbounce.yaml; stop when the format `count` has `lines` lines."""
    folder.mkdir(parents=True, exist_ok=True)
    truth: Counter[tuple[str, str, str]] = Counter()
    with ExitStack() as stack:
        logs = {name: Log(stack.enter_context((folder / WRITERS[name][0]).open("w"))) for name in formats}
        if "powermta" in logs:
            logs["powermta"].add([(0.0, writers.PMTA_COLUMNS)])
        for message in Traffic(seed):
            _write(message, logs)
            truth.update((message.domain.name, SENDING_IPS[message.address], a.outcome) for a in message.attempts)
            if logs[count].lines >= lines:
                break
        for log in logs.values():
            log.write_until(float("inf"))
    (folder / "logbounce.yaml").write_text(SETTINGS)
    # Last: a folder with truth.json in it is complete.
    (folder / "truth.json").write_text(json.dumps([[*key, n] for key, n in sorted(truth.items())]))


def _write(message: Message, logs: dict[str, Log]) -> None:
    for name, log in logs.items():
        log.write_until(message.time)
        log.add(WRITERS[name][1](message))


def main() -> None:
    """Read the command line and write the files."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--count", choices=WRITERS, default="postfix")
    options.add_argument("--formats", default=",".join(WRITERS))
    given = options.parse_args()
    generate(given.folder, given.lines, seed=given.seed, count=given.count, formats=given.formats.split(","))


if __name__ == "__main__":
    main()
