"""A pipe as a stream that can be asked for what has come, without waiting for more."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PART_BYTES = 64 * 1024
_JOIN_SECONDS = 0.01
_HELD_BYTES = 4 * 1024 * 1024  # the writer waits when so much has not been taken


class Pipe:
    """Reads a file descriptor in a thread of its own; `came` is called when there is something new, or the end."""

    def __init__(self, fileno: int, came: Callable[[], None]) -> None:
        """Begin to read; the descriptor is the caller's to close."""
        self._fileno = fileno
        self._came = came
        self._held = bytearray()
        self._room = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="pipe", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Tell whether the writer has ended and everything has been taken."""
        with self._room:
            return self._ended and not self._held

    @property
    def held(self) -> int:
        """Return how many bytes have come and were not taken."""
        with self._room:
            return len(self._held)

    @property
    def full(self) -> bool:
        """Tell whether the writer has to wait."""
        return self.held >= _HELD_BYTES

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes of what has come; none if nothing has."""
        with self._room:
            part = bytes(self._held[:size])
            del self._held[:size]
            self._room.notify()
        return part

    def close(self) -> None:
        """Forget what has come; the writer has ended, so that the descriptor can be closed then, and not before."""
        while self._thread.is_alive():
            self.read(_HELD_BYTES)
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        while part := self._next():
            with self._room:
                self._held += part
            self._came()  # before it waits: who is not told takes nothing
            with self._room:
                while len(self._held) >= _HELD_BYTES:
                    self._room.wait()
        with self._room:
            self._ended = True
        self._came()

    def _next(self) -> bytes:
        try:
            return os.read(self._fileno, _PART_BYTES)
        except OSError:  # closed by our own side
            return b""
