"""A POP3 maildrop (RFC 1939)."""

from __future__ import annotations

import poplib
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from logbounce.errors import GoneError, MailboxError
from logbounce.mailbox import protection, sasl
from logbounce.mailbox.box import Box, Entry
from logbounce.mailbox.credentials import credential
from logbounce.mailbox.failing import hidden, no_entry, no_tls, told, words
from logbounce.mailbox.pop3_client import Client
from logbounce.settings import Auth, Tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

    from logbounce.settings import Mailbox, Secret

_NAMES = {Auth.LOGIN: "USER", Auth.APOP: "APOP"}


def open_pop3(account: Mailbox) -> Pop3Box:
    """Connect, begin TLS, log in."""
    secret = credential(account)
    context = None if account.tls is Tls.NONE else protection.context(account)
    with told(account, secret):
        client = Client(account.host, account.port, context if account.tls is Tls.IMPLICIT else None)
    try:
        with told(account, secret):
            features = client.features()
            if account.tls is Tls.STARTTLS:
                features = _begin_tls(account, client, features, context)
            auth = _log_in(account, client, features, secret)
        said = _NAMES.get(auth) or f"AUTH {sasl.MECHANISMS[auth]}"
        return Pop3Box(account, client, secret, f"{protection.manner(client.wire.sock)}, {said}")
    except BaseException:
        _hang_up(client)
        raise


def _begin_tls(
    account: Mailbox, client: Client, features: dict[str, list[str]], context: ssl.SSLContext | None
) -> dict[str, list[str]]:
    if "STLS" not in features:
        raise no_tls(account, "STLS")
    client.stls(context)
    return client.features()  # what was said before TLS may have been said by anybody


def _log_in(account: Mailbox, client: Client, features: dict[str, list[str]], secret: Secret) -> Auth:
    auth = sasl.choose(account, client.offered(features))
    try:
        client.prove(auth, account.user, secret)
    except poplib.error_proto as error:
        raise no_entry(account, secret, _NAMES.get(auth) or sasl.MECHANISMS[auth], error) from None
    return auth


def _hang_up(client: Client) -> None:
    with suppress(Exception):  # the connection may be in any state
        client.close()


class Pop3Box(Box):
    """What the maildrop held when the session began: numbers and sizes do not change before its end."""

    def __init__(self, account: Mailbox, client: Client, secret: Secret, manner: str) -> None:
        super().__init__(account, manner)
        self._client = client
        self._secret = secret
        self._listed: dict[str, Entry] = {}

    def entries(self, after: str | None = None) -> Iterator[Entry]:
        """Yield the messages by their UIDL."""
        del after  # a UIDL says nothing of the order
        if not self._listed:
            with self._told():
                self._listed = {entry.key: entry for entry in self._list()}
        yield from self._listed.values()

    def fetch(self, entry: Entry) -> bytes:
        """Return the message."""
        self._check_size(entry.size)
        with self._told():
            try:
                body = self._client.message(entry.place, self.account.max_bytes)
            except poplib.error_proto as error:
                said = hidden(f"the message {entry.key} is gone: {words(error)}", self.account, self._secret)
                raise GoneError(f"{self.account}: {said}") from None
        self._check_size(len(body))
        return body

    def close(self) -> None:
        """Log out: the server deletes what was settled. If it does not, the messages are known next time."""
        with suppress(Exception):
            self._client.wire.grant()
            self._client.quit()
        _hang_up(self._client)

    def _told(self) -> AbstractContextManager[None]:
        return told(self.account, self._secret, self._client.wire)

    def _list(self) -> Iterator[Entry]:
        sizes = dict(map(_numbers, self._client.rows("LIST")))
        seen: dict[str, int] = {}
        for row in self._uidls():
            number, _, key = row.decode(errors="backslashreplace").partition(" ")
            times = seen[key] = seen.get(key, 0) + 1  # equal messages may have equal ones (RFC 1939, 7)
            if int(number) in sizes:
                yield Entry(key if times == 1 else f"{key}#{times}", sizes[int(number)], int(number))

    def _uidls(self) -> Iterator[bytes]:
        try:
            yield from self._client.rows("UIDL")
        except poplib.error_proto as error:
            said = hidden(words(error), self.account, self._secret)
            raise MailboxError(f"{self.account}: the server has no UIDL, by which to know a message: {said}") from None

    def _delete(self, entries: Sequence[Entry]) -> None:
        """Delete what this session listed under the same key and size."""
        listed = self._listed or {entry.key: entry for entry in self.entries()}
        for entry in entries:
            if (ours := listed.get(entry.key)) and ours.size == entry.size:
                with self._told(), suppress(poplib.error_proto):  # it was deleted already
                    self._client.wire.grant()
                    self._client.dele(ours.place)


def _numbers(row: bytes) -> tuple[int, int]:
    number, size, *_ = row.split()
    return int(number), int(size)
