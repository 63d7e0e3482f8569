"""Says when there may be something to read: at once where the system tells (inotify), else every few seconds."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchfiles import Change

_MAGIC = re.compile(r"[*?[]")  # where a glob pattern stops to be a name
_DEBOUNCE_MILLISECONDS = 50


class Wake:
    """Waits for something to happen: a change in a folder, a byte in a pipe, a signal."""

    def __init__(self) -> None:
        """Watch nothing yet."""
        self._happened = threading.Event()
        self._ended = threading.Event()

    def up(self) -> None:
        """Wake whoever waits."""
        self._happened.set()

    def wait(self, seconds: float) -> None:
        """Return when something has happened since the last time, at the latest after `seconds`."""
        self._happened.wait(seconds)
        self._happened.clear()

    def watch(self, patterns: Iterable[str]) -> None:
        """Wake up when a file changes that may belong to one of the logs at `patterns`."""
        logs = [Path(pattern) for pattern in patterns]
        names = tuple(str(log.parent / _MAGIC.split(log.name)[0]) for log in logs)
        folders = sorted({str(log.parent) for log in logs if log.parent.is_dir()})
        if folders:
            threading.Thread(target=self._run, args=(folders, names), name="wake", daemon=True).start()

    def close(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def _run(self, folders: list[str], names: tuple[str, ...]) -> None:
        def ours(_: Change, path: str) -> bool:
            return path.startswith(names)

        try:
            for _ in watch(
                *folders,
                watch_filter=ours,
                debounce=_DEBOUNCE_MILLISECONDS,
                stop_event=self._ended,
                recursive=False,
                raise_interrupt=False,
            ):
                self._happened.set()
        except OSError:  # no inotify here, or no watch left of it (inotify(7), max_user_watches): whoever waits polls
            return
