"""TLS as an account wants it: verified, always."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    import socket

    from logbounce.settings import Mailbox


def context(account: Mailbox) -> ssl.SSLContext:
    """Return the context: the system's authorities, or those of `ca_file` alone."""
    try:
        return ssl.create_default_context(cafile=account.ca_file)
    except ssl.SSLError as error:
        raise SettingsError(f"{account}: ca_file {account.ca_file}: holds no certificate in PEM") from error
    except OSError as error:
        raise SettingsError(f"{account}: ca_file {account.ca_file}: cannot be read: {error.strerror}") from error


def manner(sock: socket.socket) -> str:
    """Return the version of TLS, or that there is none."""
    return sock.version() or "no TLS" if isinstance(sock, ssl.SSLSocket) else "no TLS"
