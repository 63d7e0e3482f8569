"""A mailbox account: where bounce messages are fetched, and what becomes of them there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Protocol(StrEnum):
    """How a mailbox is read."""

    IMAP = "imap"
    POP3 = "pop3"
    MAILDIR = "maildir"
    MBOX = "mbox"


class Tls(StrEnum):
    """How a connection is protected."""

    IMPLICIT = "implicit"  # TLS from the first byte (RFC 8314)
    STARTTLS = "starttls"  # STARTTLS or STLS, without which nothing is sent
    NONE = "none"  # in the clear


class Auth(StrEnum):
    """How a user proves who they are."""

    AUTO = "auto"
    PLAIN = "plain"
    LOGIN = "login"  # IMAP's LOGIN, POP3's USER and PASS
    CRAM_MD5 = "cram-md5"
    APOP = "apop"
    XOAUTH2 = "xoauth2"


class Action(StrEnum):
    """What becomes of a message on the server after its rows are committed."""

    KEEP = "keep"
    MARK = "mark"  # as read
    MOVE = "move"
    DELETE = "delete"


class Trust(StrEnum):
    """Which bounces of a mailbox may suppress an address."""

    PROOF = "proof"  # those that answer to a message that was sent
    ANY = "any"  # all of them


class Secret:
    """A text that no representation, log or error shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the server alone."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class After:
    """What becomes of a processed message."""

    action: Action = Action.KEEP
    folder: str = ""  # where a message is moved to


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An account that the settings name. Passwords and tokens are looked up when it is opened, not before."""

    name: str
    protocol: Protocol
    host: str = ""
    port: int = 0
    user: str = ""
    password: Secret | None = None
    password_env: str | None = None
    password_file: str | None = None
    password_command: str | None = None
    password_keyring: str | None = None  # the service's name in the keyring
    token_file: str | None = None
    token_command: str | None = None
    tls: Tls = Tls.IMPLICIT
    ca_file: str | None = None  # in place of the system's authorities
    auth: Auth = Auth.AUTO
    path: str = ""  # of a Maildir or an mbox, absolute
    folder: str = "INBOX"
    after: After = After()
    aside: str | None = None  # the folder of messages that tell of no bounce; null: they stay
    limit: int = 10_000  # messages a run
    interval: int = 300  # seconds
    max_bytes: int = 10_000_000
    trust: Trust = Trust.PROOF

    def __str__(self) -> str:
        where = self.path or f"{self.host}:{self.port}"
        return f"mailbox {self.name} ({self.protocol} {where})"
