"""Turns whatever goes wrong with a server into one line that says what, and what mends it."""

from __future__ import annotations

import imaplib
import poplib
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceError, MailboxError
from logbounce.mailbox.masking import MASK, masked
from logbounce.mailbox.wire import SilenceError
from logbounce.settings import Protocol, Secret, Tls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.mailbox.wire import Wire
    from logbounce.settings import Mailbox

_SHOWN = 200
_HEARD = 20_000  # characters that are looked through: a line may have a million
# OpenSSL names these in x509_vfy.h.
_EXPIRED, _NOT_YET, _SELF_SIGNED, _OF_ANOTHER, _OF_ANOTHER_IP = 10, 9, 18, 62, 64
_UNKNOWN_AUTHORITY = (2, 19, 20, 21)
_PLAIN_PORTS = {Protocol.IMAP: 143, Protocol.POP3: 110}


@contextmanager
def told(account: Mailbox, secret: Secret | None = None, wire: Wire | None = None) -> Iterator[None]:
    """Raise MailboxError for all that a library raises over a server, without the cause, which may hold a secret.

    imaplib, imapclient and poplib trust the server, so that a hostile one makes them raise anything. The wire is given
    up unless the error is a plain refusal of the command.
    """
    try:
        yield
    except LogbounceError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        if wire and not _is_refusal(error):
            wire.give_up()
        raise MailboxError(f"{account}: {hidden(_reason(account, error), account, secret)}") from None


def no_tls(account: Mailbox, command: str) -> MailboxError:
    """Return the error for a server that does not know the command which begins TLS."""
    return MailboxError(
        f"{account}: refused: the server does not offer {command}, and the password would go in the clear: use "
        "`tls: implicit`, or, if the way to the server is safe, the word `tls: none`"
    )


def no_entry(account: Mailbox, secret: Secret, how: str, error: Exception) -> MailboxError:
    """Return the error for a login that the server refused."""
    said = hidden(words(error), account, secret)
    return MailboxError(f"{account}: the login of '{account.user}' is refused ({how}): {said}")


def _is_refusal(error: Exception) -> bool:
    if isinstance(error, poplib.error_proto):
        return words(error).startswith("-ERR") and not words(error).endswith("EOF")
    return isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort)


def hidden(text: str, account: Mailbox, secret: Secret | None) -> str:
    """Return a server's words as one short line, without the secret, should they repeat it."""
    shown = masked(text[:_HEARD], account.user, secret) if secret else text
    if len(text) > _HEARD and MASK in shown:
        shown = shown[: shown.rindex(MASK) + len(MASK)]  # the cut may have gone through the secret
    return " ".join(shown.split())[:_SHOWN]


def words(error: Exception) -> str:
    """Return what the server said: imaplib and poplib keep it as bytes, or as the text of bytes."""
    said = error.args[0] if error.args else ""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return text[2:-1] if text[:2] in {"b'", 'b"'} else text


def _reason(account: Mailbox, error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(account, error)
    if isinstance(error, ssl.SSLError):
        return _handshake(account, error)
    if isinstance(error, OSError):
        return _network(account, error)
    if isinstance(error, imaplib.IMAP4.error | poplib.error_proto):
        return f"the server says: {words(error)}"
    return f"the server's answer is no {account.protocol.upper()} ({type(error).__name__})"


def _certificate(account: Mailbox, error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code in (_OF_ANOTHER, _OF_ANOTHER_IP):
        says = f"is not one for '{account.host}': `host` has to be a name that the certificate has"
    elif code == _EXPIRED:
        says = "has expired: whoever runs the server has to renew it"
    elif code == _NOT_YET:
        says = "is not valid yet: look at this machine's clock"
    elif code == _SELF_SIGNED:
        says = "is signed by itself: name it as `ca_file` if it is yours"
    elif code in _UNKNOWN_AUTHORITY:
        says = "is signed by an authority that is not known here: name its certificate as `ca_file` if it is yours"
    else:
        says = f"is not accepted: {error.verify_message}"
    return f"refused: the certificate of {account.host}:{account.port} {says}"


def _handshake(account: Mailbox, error: ssl.SSLError) -> str:
    if error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}:
        plain = _PLAIN_PORTS.get(account.protocol)
        return f"refused: the server speaks no TLS on this port: `tls: starttls` (port {plain}) may be meant"
    return f"TLS fails: {(error.reason or str(error)).replace('_', ' ').lower()}"


def _network(account: Mailbox, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"the name '{account.host}' is not found"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused: nothing listens on this port"
    if isinstance(error, SilenceError) and account.tls is not Tls.IMPLICIT:
        return f"{error}; a port for implicit TLS is silent like this: is `tls: implicit` meant?"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the server hung up"
    return str(error.strerror or error)
