"""Rotates a log just when the program looks at it: before its first stat, between an open and a read, after a listing.

Which functions the program uses is its own affair, so all are watched by which Python can look at a file.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import io
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOOKS = ("stat", "lstat", "fstat", "open", "read", "pread", "scandir", "listdir")
NEXT = "next"  # the file that becomes mail.log
GENERATIONS = 40


class Looks:
    """Counts the looks at the logs of a folder, and rotates them before one of them."""

    def __init__(self, folder: Path, rotate_before: int) -> None:
        self.count = 0
        self._folder = folder
        self._rotate_before = rotate_before

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its calls counted."""

        @functools.wraps(function)
        def look(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes and gives
            if arguments and self._concerns(arguments[0]):
                self.count += 1
                if self.count == self._rotate_before:
                    self._rotate()
            return function(*arguments, **named)

        return look

    def _concerns(self, subject: object) -> bool:
        """Tell whether a path or a descriptor is of the folder or a log in it."""
        if isinstance(subject, int):
            try:
                subject = os.readlink(f"/proc/self/fd/{subject}")  # noqa: PTH115 - pathlib's is watched
            except OSError:
                return False
        path = os.path.abspath(os.fsdecode(subject))  # type: ignore[arg-type]  # noqa: PTH100 - it may be bytes
        return path == str(self._folder) or path.startswith(f"{self._folder}/mail.log")

    def _rotate(self) -> None:
        """Rename each generation and put the next file where the log was, as quickly as can be."""
        for number in range(GENERATIONS, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                os.rename(self._folder / f"mail.log.{number}", self._folder / f"mail.log.{number + 1}")  # noqa: PTH104
        os.rename(self._folder / "mail.log", self._folder / "mail.log.1")  # noqa: PTH104
        os.rename(self._folder / NEXT, self._folder / "mail.log")  # noqa: PTH104


@contextlib.contextmanager
def rotated(folder: Path, *, before_look: int) -> Iterator[Looks]:
    """Have the log in `folder` rotated before that look at it (0: never); yield the count."""
    looks = Looks(folder, before_look)
    with pytest.MonkeyPatch.context() as patch:
        opened = looks.watched(io.open)
        for name in LOOKS:
            patch.setattr(os, name, looks.watched(getattr(os, name)))
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        yield looks
