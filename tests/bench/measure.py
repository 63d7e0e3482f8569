"""Run a program and say what it cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

KIB_IN_MIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    wall: float
    cpu: float
    peak_mib: float


def run(command: Sequence[str], *, stdin: str = os.devnull) -> Cost:
    """Run the command to its end; the kernel counts it and every child that it waited for.

    The kernel hands the caller's own peak memory on to a child, so a program that calls this has to stay small.
    """
    with open(stdin, "rb") as given:  # noqa: PTH123 -- os.devnull is a name, not a path to work on
        began = time.perf_counter()
        child = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {' '.join(command)[:200]} exited {child.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB_IN_MIB)


def summary(costs: Sequence[Cost]) -> Cost:
    """Return median times and the greatest memory."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.peak_mib for cost in costs),
    )
