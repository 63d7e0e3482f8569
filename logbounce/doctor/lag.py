"""How far behind a log its rows are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from logbounce.clock import utc_now

Record = dict[str, Any]


def add(source: Record) -> Record:
    """Return a source with `lag_bytes` and `lag_seconds`: null where the file that was read last cannot be measured.

    Seconds are counted from the last line that was read, if there are bytes after it.
    """
    behind = _bytes(source)
    seconds = None
    if behind is not None and source["last_time"] is not None:
        now = utc_now()
        seconds = max((now - source["last_time"]).total_seconds(), 0.0) if behind else 0.0
    shown = {name: value for name, value in source.items() if name not in ("device", "inode")}
    return {**shown, "lag_bytes": behind, "lag_seconds": seconds}


def _bytes(source: Record) -> int | None:
    """Return how many bytes were written and not read; None for what has no size to compare.

    Of another file by now, which is there since a rotation, nothing was read.
    """
    try:
        found = Path(source["path"]).stat()
    except OSError:
        return None
    if source["size_bytes"] is None:
        return None
    same = (found.st_dev, found.st_ino) == (source["device"], source["inode"])
    behind = found.st_size - int(source["position"])
    return behind if same and behind >= 0 else found.st_size
