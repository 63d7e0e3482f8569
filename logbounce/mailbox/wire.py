"""A connection whose server may lie: no line, literal or pause is longer than was allowed."""

from __future__ import annotations

import select
import socket
import ssl
import time

CONNECT_SECONDS = 20.0
QUIET_SECONDS = 60.0  # without a byte, while an answer is due
ANSWER_SECONDS = 120.0  # for a whole answer, however it trickles
SLOWEST = 20_000  # bytes/s of a message's body
LINES = 1_000_000  # bytes of an answer's lines: 20,000 UIDs, thousands of folders
DATA = 65_536  # bytes of an answer's literals other than a body: a folder's name
_CHUNK = 65_536


class FloodError(OSError):
    """The server sends more than was asked for. An OSError, since imaplib and poplib let those pass."""


class SilenceError(TimeoutError):
    """The server says nothing."""


class Wire:
    """The reading half of a socket, with a budget that `grant` renews for each command."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = bytearray()
        self._given_up = False
        self.grant()

    def grant(self, *, lines: int = LINES, data: int = DATA) -> None:
        """Allow the next answer this many bytes in lines and in literals or bodies."""
        self._lines = lines
        self._data = data
        self._end = time.monotonic() + ANSWER_SECONDS + data / SLOWEST

    def give_up(self) -> None:
        """Read nothing any more: after an error, what comes may be the rest of one answer or the whole of the next."""
        self._given_up = True

    @property
    def empty(self) -> bool:
        """Tell whether all that came was read."""
        return not self._buffer

    def line(self) -> bytes:
        """Return the next line, with its end."""
        self._check_trust()
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            self._check_lines(searched)
            self._fill()
        self._check_lines(end + 1)
        self._lines -= end + 1
        return self._take(end + 1)

    def data(self, size: int) -> bytes:
        """Return this many bytes."""
        self._check_trust()
        self._check_data(size)
        self._data -= size
        while len(self._buffer) < size:
            self._fill()
        return self._take(size)

    def until(self, end: bytes) -> bytes:
        """Return the bytes before `end`, and pass over it."""
        self._check_trust()
        searched = 0
        while (found := self._buffer.find(end, searched)) < 0:
            searched = max(0, len(self._buffer) - len(end))
            self._check_data(searched)
            self._fill()
        self._check_data(found)
        return self._take(found + len(end))[:found]

    def put_back(self, taken: bytes) -> None:
        """Have these bytes come once more."""
        self._buffer[:0] = taken

    def ready(self, seconds: float) -> bool:
        """Tell whether a byte can be read, or the end, within so many seconds."""
        if self._buffer or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return True
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _fill(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        patience = min(left, QUIET_SECONDS)
        self.sock.settimeout(patience)
        try:
            chunk = self.sock.recv(_CHUNK)
        except TimeoutError as error:
            raise SilenceError(f"no answer within {patience:.0f} s") from error
        if not chunk:
            raise ConnectionError("the server hung up")
        self._buffer += chunk

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _check_trust(self) -> None:
        if self._given_up:
            raise ConnectionError("the connection was given up after an error")

    def _check_lines(self, size: int) -> None:
        if size > self._lines:
            raise FloodError("the answer is longer than any sensible one")

    def _check_data(self, size: int) -> None:
        if size > self._data:
            raise FloodError(f"the server sends {size} bytes or more where at most {self._data} were asked for")


class Wired:
    """What imaplib and poplib leave to those who inherit: how to connect, and by what to read."""

    host: str
    port: int
    sock: socket.socket
    _context: ssl.SSLContext | None
    _wire: Wire | None = None

    @property
    def wire(self) -> Wire:
        """The reading half of the socket, which is another one once TLS has begun."""
        if self._wire is None:
            self._wire = Wire(self.sock)
        elif self._wire.sock is not self.sock:
            if not self._wire.empty:  # what came before TLS began would pass for the server's word (CVE-2011-0411)
                raise FloodError("the server sent something between STARTTLS and TLS")
            self._wire = Wire(self.sock)
        return self._wire

    def _create_socket(self, timeout: object) -> socket.socket:
        del timeout
        return connect(self.host, self.port, self._context)


def connect(host: str, port: int, context: ssl.SSLContext | None) -> socket.socket:
    """Return a connection, under TLS if there is a context."""
    try:
        sock = socket.create_connection((host, port), CONNECT_SECONDS)
    except TimeoutError as error:
        raise TimeoutError(f"no connection within {CONNECT_SECONDS:.0f} s") from error
    try:
        return context.wrap_socket(sock, server_hostname=host) if context else sock
    except BaseException:
        sock.close()
        raise
