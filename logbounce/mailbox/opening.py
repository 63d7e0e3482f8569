"""Opens a mailbox of any protocol."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from logbounce.mailbox import protection
from logbounce.mailbox.credentials import check_credential
from logbounce.settings import Protocol, Tls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.mailbox.box import Box
    from logbounce.settings import Mailbox


@contextmanager
def open_mailbox(account: Mailbox) -> Iterator[Box]:
    """Open a mailbox for as long as the context lasts. What was settled stays settled, however it ends."""
    box = _open(account)
    try:
        yield box
    finally:
        box.close()


def check_local(account: Mailbox) -> None:
    """Raise what would keep the mailbox from being opened, as far as can be told without asking a server."""
    if account.path:
        _open(account)
        return
    check_credential(account)
    if account.tls is not Tls.NONE:
        protection.context(account)


def _open(account: Mailbox) -> Box:
    """Import what the protocol needs, and no more: imapclient takes 0.1 s."""
    if account.protocol is Protocol.IMAP:
        from logbounce.mailbox.imap import open_imap  # noqa: PLC0415 - see above

        return open_imap(account)
    if account.protocol is Protocol.POP3:
        from logbounce.mailbox.pop3 import open_pop3  # noqa: PLC0415 - see above

        return open_pop3(account)
    if account.protocol is Protocol.MAILDIR:
        from logbounce.mailbox.maildir import MaildirBox  # noqa: PLC0415 - see above

        return MaildirBox(account)
    from logbounce.mailbox.mbox import MboxBox  # noqa: PLC0415 - see above

    return MboxBox(account)
