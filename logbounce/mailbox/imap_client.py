"""imapclient and imaplib on a wire of our own."""

from __future__ import annotations

import imaplib
import logging
import time
from typing import TYPE_CHECKING

from imapclient import IMAPClient

from logbounce.mailbox.sasl import MECHANISMS, responder
from logbounce.mailbox.wire import DATA, Wired
from logbounce.settings import Auth

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection

    from logbounce.mailbox.wire import Wire
    from logbounce.settings import Secret

# imapclient writes what it does to a log, warnings to stderr where nobody has set one up.
logging.getLogger("imapclient").addHandler(logging.NullHandler())


class _Imap(Wired, imaplib.IMAP4):
    """imaplib, which reads any size that a server announces, on a wire that does not."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(host, port)

    def read(self, size: int) -> bytes:
        return self.wire.data(size)

    def readline(self) -> bytes:
        return self.wire.line()

    def enter(self, user: str, password: str) -> None:
        """LOGIN, with the user in quotes too: a name may have blanks."""
        typ, data = self._simple_command("LOGIN", _quoted(user), _quoted(password))
        if typ != "OK":
            raise self.error(data[-1])
        self.state = "AUTH"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Client(IMAPClient):  # type: ignore[misc]
    """A connection to an IMAP server, before or after the login."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, ssl=context is not None, ssl_context=context)
        self._imap.debug = 0  # imapclient logs every line of the conversation
        self._imap._mesg = _silent  # noqa: SLF001 - likewise

    def _create_IMAP4(self) -> _Imap:  # noqa: N802 - imapclient's name
        return _Imap(self.host, self.port, self.ssl_context if self.ssl else None)

    def _set_read_timeout(self) -> None:
        """Leave timeouts to the wire."""

    @property
    def wire(self) -> Wire:
        """The reading half of the connection."""
        wire: Wire = self._imap.wire
        return wire

    @property
    def recognised(self) -> bool:
        """Whether the server thinks that somebody is logged in."""
        return bool(self._imap.state != "NONAUTH")

    def allow(self, *, data: int = DATA) -> None:
        """Begin a command whose answer may have so many bytes in literals."""
        self._imap.untagged_responses.clear()  # what nobody asked for would pile up
        self.wire.grant(data=data)

    def offered(self) -> Collection[Auth]:
        """Return the ways to log in that logbounce knows."""
        has = {capability.decode(errors="replace") for capability in self.capabilities()}
        found = {auth for auth, name in MECHANISMS.items() if f"AUTH={name}" in has}
        return found if "LOGINDISABLED" in has else found | {Auth.LOGIN}

    def prove(self, auth: Auth, user: str, secret: Secret) -> None:
        """Log in."""
        if auth is Auth.LOGIN:
            self._imap.enter(user, secret.reveal())
        else:
            self._imap.authenticate(MECHANISMS[auth], responder(auth, user, secret))

    def begin_idle(self) -> bool:
        """Begin IDLE, and tell whether the server spoke of messages before it agreed."""
        news = False
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001 - imapclient's own takes such words for an error
        while said := self._imap._get_response():  # noqa: SLF001 - likewise
            if self._imap.tagged_commands[self._idle_tag]:
                raise self.Error(said)
            news = news or _is_news(said)
        return news

    def news(self, seconds: float) -> bool:
        """Tell whether the server speaks of messages within so many seconds of IDLE."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.wire.ready(left):
            self.wire.grant()
            if _is_news(self.wire.line()):
                return True
        return False


def _is_news(line: bytes) -> bool:
    return line.split()[-1:] in ([b"EXISTS"], [b"RECENT"])


def _silent(*_: object) -> None:
    pass
