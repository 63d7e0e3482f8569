"""A folder of an IMAP server (RFC 3501, RFC 9051)."""

from __future__ import annotations

import imaplib
import time
from array import array
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from logbounce.errors import GoneError, MailboxError
from logbounce.mailbox import protection, sasl
from logbounce.mailbox.box import QUARANTINE, Box, Entry
from logbounce.mailbox.credentials import credential
from logbounce.mailbox.failing import hidden, no_entry, no_tls, told, words
from logbounce.mailbox.imap_client import Client
from logbounce.mailbox.wire import DATA
from logbounce.settings import Action, Auth, Tls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logbounce.settings import Mailbox, Secret

_MOST = 5_000_000  # messages of a folder; their UIDs take 8 bytes each
_WINDOW = 20_000  # messages whose UIDs one SEARCH asks for
_BLOCK = 200  # UIDs in one command
_HIGHEST_UID = 2**32 - 1
_RENEWED = 25 * 60  # seconds of one IDLE: a server may hang up after 30 minutes (RFC 2177: 29)
_FOLDERS_SHOWN = 8


def open_imap(account: Mailbox) -> ImapBox:
    """Connect, begin TLS, log in."""
    secret = credential(account)
    context = None if account.tls is Tls.NONE else protection.context(account)
    with told(account, secret):
        client = Client(account.host, account.port, context if account.tls is Tls.IMPLICIT else None)
    try:
        with told(account, secret):
            if account.tls is Tls.STARTTLS:
                _begin_tls(account, client, context)
            auth = _log_in(account, client, secret)
        return ImapBox(account, client, secret, f"{protection.manner(client.wire.sock)}, {_said(auth)}")
    except BaseException:
        _hang_up(client)
        raise


def _said(auth: Auth) -> str:
    return "LOGIN" if auth is Auth.LOGIN else f"AUTH {sasl.MECHANISMS[auth]}"


def _begin_tls(account: Mailbox, client: Client, context: object) -> None:
    client.allow()
    if not client.has_capability("STARTTLS"):
        raise no_tls(account, "STARTTLS")
    client.starttls(context)


def _log_in(account: Mailbox, client: Client, secret: Secret) -> Auth:
    client.allow()
    if client.recognised:
        raise MailboxError(f"{account}: refused: the server takes us for logged in before we said who we are (PREAUTH)")
    offered = client.offered()
    ascii_only = account.user.isascii() and secret.reveal().isascii()
    if not ascii_only:  # LOGIN's strings are ASCII (RFC 3501); SASL's are UTF-8
        offered = set(offered) - {Auth.LOGIN}
    auth = sasl.choose(account, offered)
    client.allow()
    try:
        client.prove(auth, account.user, secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise no_entry(account, secret, _said(auth), error) from None
    return auth


def _hang_up(client: Client) -> None:
    with suppress(Exception):  # the connection may be in any state, and nothing depends on the server's farewell
        client.shutdown()


class ImapBox(Box):
    """A folder, selected when it is listed. Messages are known by FOLDER/UIDVALIDITY/UID."""

    def __init__(self, account: Mailbox, client: Client, secret: Secret, manner: str) -> None:
        super().__init__(account, manner)
        self._client = client
        self._secret = secret
        self._validity = 0
        self._read_only = True
        self._idle_since: float | None = None
        self._known_folders: set[str] = set()
        with told(account, secret):
            client.allow()
            self.wakes = client.has_capability("IDLE")

    def count(self) -> int:
        """Return how many messages the server says that there are."""
        return self._select()

    def entries(self, after: str | None = None) -> Iterator[Entry]:
        """Yield the messages by UID; those flagged as deleted are no more."""
        messages = self._select()
        prefix = self._prefix
        first = int(after.removeprefix(prefix)) + 1 if after and after.startswith(prefix) else 1
        uids = self._uids(messages, first)
        for start in range(0, len(uids), _BLOCK):
            block = list(uids[start : start + _BLOCK])
            with self._command():
                found = self._client.fetch(block, ["RFC822.SIZE"])
            for uid in block:
                size = found.get(uid, {}).get(b"RFC822.SIZE")
                if isinstance(size, int):  # else it is gone by now
                    yield Entry(f"{prefix}{uid}", size, uid)

    def fetch(self, entry: Entry) -> bytes:
        """Return the message, which stays unread."""
        self._check_size(entry.size)
        if not list(self._ours([entry])):
            raise GoneError(f"{self.account}: the message {entry.key} is gone: its UIDVALIDITY has changed")
        most = self.account.max_bytes + 1
        with self._command(most):
            found = self._client.fetch([entry.place], [f"BODY.PEEK[]<0.{most}>"])
        body = found.get(entry.place, {}).get(b"BODY[]<0>")
        if not isinstance(body, bytes):
            raise GoneError(f"{self.account}: the message {entry.key} is gone")
        self._check_size(len(body))
        return body

    def quarantine(self, entry: Entry) -> str | None:
        """Move the message to a folder of its own."""
        folder = self._personal(QUARANTINE)
        self._move([entry], folder)
        return folder

    def idle(self, seconds: float) -> bool:
        """Wait for the server's hint. IDLE goes on between two calls, and begins anew before the server tires of it."""
        if not self.wakes:
            return super().idle(seconds)
        if self._idle_since is not None and time.monotonic() - self._idle_since > _RENEWED:
            self._wake()
        if self._idle_since is None:
            with self._command():
                news = self._client.begin_idle()
            self._idle_since = time.monotonic()
            if news:
                return True
        with self._told():
            return self._client.news(seconds)

    def close(self) -> None:
        """Log out."""
        with suppress(Exception):  # see _hang_up
            self._wake()
            self._client.allow()
            self._client.logout()
        _hang_up(self._client)

    @property
    def _prefix(self) -> str:
        return f"{self.account.folder}/{self._validity}/"

    def _command(self, data: int = 0) -> AbstractContextManager[None]:
        """Begin a command; whatever goes wrong with it is told."""
        self._wake()
        self._client.allow(data=max(data, DATA))
        return self._told()

    def _told(self) -> AbstractContextManager[None]:
        return told(self.account, self._secret, self._client.wire)

    def _wake(self) -> None:
        """End IDLE."""
        if self._idle_since is not None:
            self._idle_since = None
            with self._told():
                self._client.allow()
                self._client.idle_done()

    def _select(self, *, write: bool = False) -> int:
        """Open the folder, for reading only where nothing is to be changed; return how many messages it has."""
        wanted = write or self.account.after.action is not Action.KEEP or self.account.aside is not None
        with self._command():
            try:
                found = self._client.select_folder(self.account.folder, readonly=not wanted)
            except imaplib.IMAP4.readonly:
                raise MailboxError(
                    f"{self.account}: {self.account.folder} can only be read: say `after: keep`"
                ) from None
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise self._no_folder(words(error)) from None
            validity, messages = found.get(b"UIDVALIDITY", 0), found.get(b"EXISTS", 0)
        if not validity:
            raise MailboxError(f"{self.account}: the server has no UIDVALIDITY for {self.account.folder}: use pop3")
        if messages > _MOST:
            raise MailboxError(f"{self.account}: {self.account.folder} has more than {_MOST} messages")
        self._validity, self._read_only = validity, not wanted
        return int(messages)

    def _no_folder(self, said: str) -> MailboxError:
        with self._command():
            names = sorted(str(name) for _, _, name in self._client.list_folders())
        if self.account.folder in names:
            shown = hidden(said, self.account, self._secret)
            return MailboxError(f"{self.account}: {self.account.folder} cannot be opened: {shown}")
        more = ", ..." if len(names) > _FOLDERS_SHOWN else ""
        has = hidden(", ".join(names[:_FOLDERS_SHOWN]), self.account, self._secret) + more
        return MailboxError(f"{self.account}: there is no folder {self.account.folder}; there is {has}")

    def _uids(self, messages: int, first: int) -> array[int]:
        """Return the UIDs, which grow with the messages' numbers. One that does not has been told before."""
        uids: array[int] = array("Q")
        highest = first - 1
        for start in range(1, messages + 1, _WINDOW):
            numbers = f"{start}:{min(start + _WINDOW - 1, messages)}"
            with self._command():
                found = self._client.search([numbers, "UID", f"{first}:*", "UNDELETED"])
            for uid in sorted(found):
                if highest < uid <= _HIGHEST_UID:
                    uids.append(uid)
                    highest = uid
        return uids

    def _ours(self, entries: Sequence[Entry]) -> Iterator[list[int]]:
        """Yield blocks of the UIDs of entries of the selected folder: none of them after a change of UIDVALIDITY."""
        if not self._validity:
            self._select()
        uids = [entry.place for entry in entries if entry.key == f"{self._prefix}{entry.place}"]
        for start in range(0, len(uids), _BLOCK):
            yield uids[start : start + _BLOCK]

    def _mark(self, entries: Sequence[Entry]) -> None:
        for uids in self._ours(entries):
            with self._command():
                self._client.add_flags(uids, [b"\\Seen"], silent=True)

    def _delete(self, entries: Sequence[Entry]) -> None:
        for uids in self._ours(entries):
            self._remove(uids)

    def _move(self, entries: Sequence[Entry], folder: str) -> None:
        if self._read_only or not self._validity:
            self._select(write=True)
        self._create(folder)
        for uids in self._ours(entries):
            with self._command():
                if moves := self._client.has_capability("MOVE"):
                    self._client.move(uids, folder)
                else:
                    self._client.copy(uids, folder)
            if not moves:
                self._remove(uids)

    def _remove(self, uids: list[int]) -> None:
        """Delete these and no others: without UIDPLUS they stay, flagged, until somebody expunges the folder."""
        with self._command():
            self._client.add_flags(uids, [b"\\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):
            with self._command():
                self._client.uid_expunge(uids)

    def _create(self, folder: str) -> None:
        if folder in self._known_folders:
            return
        with self._command():
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)
        self._known_folders.add(folder)

    def _personal(self, folder: str) -> str:
        """Return the folder's name below the prefix that some servers put before all of a user's folders (RFC 2342)."""
        with self._command():
            if not self._client.has_capability("NAMESPACE"):
                return folder
            personal = self._client.namespace().personal
        return f"{personal[0][0]}{folder}" if personal else folder
