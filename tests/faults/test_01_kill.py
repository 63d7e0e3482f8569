"""Fault 1: kill -9 while tailing, again and again: rows equal lines, exactly. `make torture`: 1,000 times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.rotation import logrotate_is_missing
from tests.faults.torture import torture

if TYPE_CHECKING:
    from pathlib import Path

KILLS, COMMITS, ROTATIONS = 50, 150, 10


def test_fifty_kills_while_lines_are_written_and_rotated(tmp_path: Path) -> None:
    if reason := logrotate_is_missing():
        pytest.skip(reason)
    count = torture(tmp_path, kills=KILLS, least_commits=COMMITS, rotations=ROTATIONS)
    assert count.exact, f"{count}\n{count.errors}"
    assert count.errors == ""
    assert (count.kills >= KILLS, count.commits >= COMMITS, count.rotations) == (True, True, ROTATIONS)
