"""Tries an account out, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from itertools import islice
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceError
from logbounce.mailbox.box import QUARANTINE
from logbounce.mailbox.opening import open_mailbox
from logbounce.settings import Action, Protocol, Trust

if TYPE_CHECKING:
    from logbounce.mailbox.box import Box
    from logbounce.settings import Mailbox

_HEAD = 65_536
_LOOKED_AT = 20
_SHOWN = 100
_FOLDERS = (Protocol.IMAP, Protocol.MAILDIR)


@dataclass(frozen=True, slots=True)
class Sample:
    """A message that was read."""

    key: str
    bytes: int
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying an account."""

    name: str
    protocol: str
    where: str
    failure: str | None = None  # one line; the rest is not known then
    manner: str | None = None  # `TLSv1.3, AUTH PLAIN`
    folder: str | None = None
    messages: int | None = None
    sample: Sample | None = None  # null: there is no message, or none that is small enough
    would: tuple[str, ...] = ()


def try_out(account: Mailbox) -> Tried:
    """Connect, log in, count, read one message, and say what would be done."""
    tried = Tried(account.name, account.protocol, account.path or f"{account.host}:{account.port}")
    looking = replace(account, after=type(account.after)(), aside=None)  # opens the folder for reading only
    try:
        with open_mailbox(looking) as box:
            return replace(
                tried,
                manner=box.manner,
                folder=account.folder if account.protocol in _FOLDERS else None,
                messages=box.count(),
                sample=_sample(box),
                would=tuple(_intentions(account)),
            )
    except LogbounceError as error:
        return replace(tried, failure=str(error))


def _sample(box: Box) -> Sample | None:
    for entry in islice(box.entries(), _LOOKED_AT):
        if entry.size <= box.account.max_bytes:
            head = BytesHeaderParser().parsebytes(box.fetch(entry)[:_HEAD])
            return Sample(entry.key, entry.size, _shown(head["From"]), _shown(head["Subject"]))
    return None


def _shown(header: object) -> str:
    """Return a header in words, where it can be read (RFC 2047)."""
    raw = str(header or "")
    try:
        text = str(make_header(decode_header(raw)))
    except (ValueError, LookupError):  # what a stranger wrote: no such charset, no such base64
        text = raw
    return " ".join(text.split())[:_SHOWN]


def _intentions(account: Mailbox) -> list[str]:
    after, aside = account.after, account.aside
    done = {
        Action.KEEP: "stays where it is",
        Action.MARK: "is marked as read",
        Action.MOVE: f"is moved to {after.folder}",
        Action.DELETE: "is deleted",
    }
    poison = f"is moved to {QUARANTINE}" if account.protocol is Protocol.IMAP else "stays, and is passed over"
    trust = "every bounce" if account.trust is Trust.ANY else "a bounce that answers to a message of yours"
    return [
        f"at most {account.limit} messages a run, none larger than {account.max_bytes} bytes",
        f"after its rows are committed, a bounce {done[after.action]}",
        f"a message that tells of no bounce {f'is moved to {aside}' if aside else 'stays where it is'}",
        f"a message that cannot be read three times {poison}",
        f"{trust} may suppress an address (trust: {account.trust})",
    ]
