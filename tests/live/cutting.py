"""A proxy before a server: it counts what comes back, may cut the line, and may put words into the server's mouth."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_CHUNK = 65_536


class Proxy:
    """Passes bytes on until `after` of them came from the server, or the client says `at`."""

    def __init__(
        self, port: int, *, after: int | None = None, at: bytes | None = None, forged: tuple[bytes, bytes] = (b"", b"")
    ) -> None:
        self._target = port
        self._after = after
        self._at = at
        self._forged = forged  # what the server says, and what is put behind it
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.received = 0  # bytes from the server
        self.cuts = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut all lines."""
        for pair in self._pairs:
            _close(*pair)

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._pairs.append((client, server))
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                if self._at and self._at in data:
                    self.cuts += 1
                    break
                server.sendall(data)
        _close(client, server)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                trigger, words = self._forged
                data += words if trigger and trigger in data else b""
                left = len(data) if self._after is None else self._after - self.received
                client.sendall(data[:left])
                self.received += len(data[:left])
                if left < len(data):
                    self.cuts += 1
                    break
        _close(client, server)


def _close(*sockets: socket.socket) -> None:
    for sock in sockets:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
