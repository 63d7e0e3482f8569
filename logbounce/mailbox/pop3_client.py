"""poplib on a wire of our own: messages come in bytes, not in lines of at most 2,048."""

from __future__ import annotations

import base64
import poplib
import re
from typing import TYPE_CHECKING

from logbounce.mailbox.sasl import MECHANISMS, responder
from logbounce.mailbox.wire import Wired
from logbounce.settings import Auth

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Collection, Iterator

    from logbounce.settings import Secret

_SLACK = 1_024
_LISTING = 32_000_000  # bytes of LIST or UIDL: some 500,000 messages
_GREETING = 512  # bytes of it, as of any response (RFC 1939 section 3)
_APOP = re.compile(rb"<[\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+>")  # a msg-id, and no less (CVE-2007-1558)


class Client(Wired, poplib.POP3):
    """A connection to a POP3 server (RFC 1939), before or after the login."""

    if TYPE_CHECKING:  # what poplib has and its types do not
        sock: socket.socket

        def _putcmd(self, line: str) -> None: ...
        def _shortcmd(self, line: str) -> bytes: ...

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        try:
            super().__init__(host, port)
        except BaseException:
            if hasattr(self, "file"):  # poplib leaves it open when the greeting is none
                self.close()
            raise

    def _getline(self) -> tuple[bytes, int]:
        line = self.wire.line()
        return line.rstrip(b"\r\n"), len(line)

    def features(self) -> dict[str, list[str]]:
        """Return what CAPA tells, nothing where the server has no CAPA."""
        self.wire.grant()
        try:
            return {name.upper(): [word.upper() for word in rest] for name, rest in self.capa().items()}
        except poplib.error_proto:
            return {}

    def offered(self, features: dict[str, list[str]]) -> Collection[Auth]:
        """Return the ways to log in that logbounce knows; USER and PASS need not be announced (RFC 1939)."""
        found = {auth for auth, name in MECHANISMS.items() if name in features.get("SASL", [])}
        if _APOP.search(self.welcome[:_GREETING]):
            found.add(Auth.APOP)
        return found if features and "USER" not in features else found | {Auth.LOGIN}

    def prove(self, auth: Auth, user: str, secret: Secret) -> None:
        """Log in."""
        self.wire.grant()
        if auth is Auth.LOGIN:
            self.user(user)
            self.pass_(secret.reveal())
        elif auth is Auth.APOP:
            self.apop(user, secret.reveal())
        else:
            self._sasl(auth, responder(auth, user, secret))

    def _sasl(self, auth: Auth, answer: Callable[[bytes], bytes]) -> None:
        """Run RFC 5034's AUTH, without an initial response: a command's line has 255 bytes at most."""
        said = self._shortcmd(f"AUTH {MECHANISMS[auth]}")
        while not said.startswith(b"+OK"):
            challenge = base64.b64decode(said[1:].strip())
            said = self._shortcmd(base64.b64encode(answer(challenge)).decode())

    def rows(self, command: str) -> Iterator[bytes]:
        """Yield the lines of LIST or UIDL, all of which have to be taken."""
        self.wire.grant(lines=_LISTING)
        self._shortcmd(command)
        while (line := self._getline()[0]) != b".":
            yield line

    def message(self, number: int, most: int) -> bytes:
        """Return a message as it is, be its lines ever so long or ended by CR alone; at most `most` bytes."""
        self.wire.grant(data=most + most // 3 + _SLACK)  # each line may begin with a dot that was doubled
        self._putcmd(f"RETR {number}")
        status = self.wire.line()
        if not status.startswith(b"+"):
            raise poplib.error_proto(status.strip())
        # Lines end as the server's own do: a message may hold a bare LF, a dot and a LF, and then answers of its own.
        end = b"\r\n" if status.endswith(b"\r\n") else b"\n"
        self.wire.put_back(end)
        body = self.wire.until(end + b"." + end).replace(end + b"..", end + b".")
        return body[len(end) :] + end if body else b""
