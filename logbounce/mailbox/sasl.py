"""What is answered to a server that asks for proof (RFC 4422), and which mechanism is chosen."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from logbounce.errors import MailboxError
from logbounce.settings import Auth, Tls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from logbounce.settings import Mailbox, Secret

# Over TLS the password itself is safe, and any server can check it. Without, prefer what does not send it.
_OVER_TLS = (Auth.PLAIN, Auth.LOGIN, Auth.CRAM_MD5, Auth.APOP)
_IN_THE_CLEAR = (Auth.CRAM_MD5, Auth.APOP, Auth.PLAIN, Auth.LOGIN)
MECHANISMS = {Auth.PLAIN: "PLAIN", Auth.CRAM_MD5: "CRAM-MD5", Auth.XOAUTH2: "XOAUTH2"}


def choose(account: Mailbox, offered: Collection[Auth]) -> Auth:
    """Return the mechanism to use, of those that the server offers."""
    wanted = (_IN_THE_CLEAR if account.tls is Tls.NONE else _OVER_TLS) if account.auth is Auth.AUTO else (account.auth,)
    for auth in wanted:
        if auth in offered:
            return auth
    has = ", ".join(sorted(offered)) or "nothing that logbounce knows"
    asked = "a way to log in" if account.auth is Auth.AUTO else f"auth: {account.auth}"
    mend = ": say `tls: starttls`, many servers offer more under TLS" if account.tls is Tls.NONE else ""
    raise MailboxError(f"{account}: the server does not offer {asked}; it has {has}{mend}")


def responder(auth: Auth, user: str, secret: Secret) -> Callable[[bytes], bytes]:
    """Return what answers each challenge of the server."""
    text = secret.reveal()
    if auth is Auth.CRAM_MD5:  # RFC 2195
        return lambda challenge: f"{user} {hmac.new(text.encode(), challenge, 'md5').hexdigest()}".encode()
    if auth is Auth.PLAIN:  # RFC 4616
        return lambda _: f"\0{user}\0{text}".encode()
    # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol: a second challenge is an error, which the
    # server only ends when it is answered with nothing.
    answers = iter([f"user={user}\1auth=Bearer {text}\1\1".encode()])
    return lambda _: next(answers, b"")
