"""Reads `mailboxes:` of logbounce.yaml."""

from __future__ import annotations

import stat
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from logbounce.settings.account import Action, After, Auth, Mailbox, Protocol, Secret, Tls, Trust
from logbounce.settings.document import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_Choice = TypeVar("_Choice", bound=StrEnum)
_Reader = Callable[[Value, Protocol], object]

_PASSWORDS = ("password", "password_env", "password_file", "password_command", "password_keyring")
_TOKENS = ("token_file", "token_command")
_NETWORK = ("host", "port", "user", *_PASSWORDS, *_TOKENS, "tls", "ca_file", "auth")
_COMMON = ("name", "protocol", "after", "limit", "interval", "max_bytes", "trust")
# The keys of each protocol. POP3 and mbox have no folders.
_KEYS = {
    Protocol.IMAP: (*_COMMON, *_NETWORK, "folder", "aside"),
    Protocol.POP3: (*_COMMON, *_NETWORK),
    Protocol.MAILDIR: (*_COMMON, "path", "folder", "aside"),
    Protocol.MBOX: (*_COMMON, "path"),
}
_NEEDED = {
    Protocol.IMAP: ("host", "user"),
    Protocol.POP3: ("host", "user"),
    Protocol.MAILDIR: ("path",),
    Protocol.MBOX: ("path",),
}
_ACTIONS = {
    Protocol.IMAP: tuple(Action),
    Protocol.POP3: (Action.KEEP, Action.DELETE),
    Protocol.MAILDIR: tuple(Action),
    Protocol.MBOX: (Action.KEEP,),  # to take a message out is to write the whole file while others append to it
}
_AUTH = {Protocol.IMAP: tuple(auth for auth in Auth if auth is not Auth.APOP), Protocol.POP3: tuple(Auth)}
_PORTS = {
    (Protocol.IMAP, True): 993,
    (Protocol.IMAP, False): 143,
    (Protocol.POP3, True): 995,
    (Protocol.POP3, False): 110,
}
_HIGHEST_PORT = 65_535
_HIGHEST = 2**31 - 1


def mailboxes(value: Value) -> tuple[Mailbox, ...]:
    """Return the accounts in their order; each has a name of its own."""
    return value.named("mailbox", _mailbox)


def _mailbox(element: Value) -> Mailbox:
    given = element.section({key for keys in _KEYS.values() for key in keys})
    _check_needed(element, given, ("name", "protocol"))
    protocol = _choice(given["protocol"], tuple(Protocol))
    for key, value in given.items():
        if key not in _KEYS[protocol]:
            raise value.error(f"{element.name}: '{key}' does not go with protocol {protocol}")
    _check_needed(element, given, _NEEDED[protocol])
    read: dict[str, Any] = {key: _READERS[key](value, protocol) for key, value in given.items()}
    if "host" in given:
        read["auth"] = _proof(element, given, read.get("auth", Auth.AUTO))
        read.setdefault("port", _PORTS[protocol, read.get("tls", Tls.IMPLICIT) is Tls.IMPLICIT])
    if "ca_file" in given and read.get("tls") is Tls.NONE:
        raise given["ca_file"].error(f"{element.name}: 'ca_file' does not go with tls: none")
    return Mailbox(**read)


def _check_needed(element: Value, given: Mapping[str, Value], keys: tuple[str, ...]) -> None:
    for key in keys:
        if key not in given:
            raise element.error(f"{element.name}: '{key}' is missing")


def _proof(element: Value, given: Mapping[str, Value], auth: Auth) -> Auth:
    """Check that there is one proof of who asks, and return the mechanism: a token means xoauth2."""
    proofs = [key for key in (*_PASSWORDS, *_TOKENS) if key in given]
    if len(proofs) != 1:
        says = " and ".join(f"'{key}'" for key in proofs) or "none"
        raise element.error(f"{element.name}: expected one of {', '.join((*_PASSWORDS, *_TOKENS))}, not {says}")
    token = proofs[0] in _TOKENS
    if token and auth is Auth.AUTO:
        return Auth.XOAUTH2
    if token != (auth is Auth.XOAUTH2):
        wanted = "a token (token_file, token_command)" if auth is Auth.XOAUTH2 else "a password"
        raise element.error(f"{element.name}: auth: {auth} takes {wanted}, not '{proofs[0]}'")
    return auth


def _password(password: Value, _: Protocol) -> Secret:
    """Return a password; refuse one in a file that others can read."""
    if password.file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise password.error(
            f"{password.name}: others can read this password: `chmod 600 {password.file}`, or use password_env"
        )
    return Secret(_line(password))


def _after(value: Value, protocol: Protocol) -> After:
    """Return `keep`, `mark`, `delete`, or `{move: FOLDER}`."""
    if value.is_mapping:
        if Action.MOVE not in _ACTIONS[protocol]:
            raise value.error(f"{value.name}: expected {' or '.join(_ACTIONS[protocol])}: {protocol} has no folders")
        section = value.section(("move",))
        if "move" not in section:
            raise value.error(f"{value.name}: expected `move: FOLDER`")
        return After(Action.MOVE, _folder(section["move"], protocol))
    action = _choice(value, _ACTIONS[protocol])
    if action is Action.MOVE:
        raise value.error(f"{value.name}: expected the folder too: `after: {{move: FOLDER}}`")
    return After(action)


def _choice(value: Value, allowed: tuple[_Choice, ...]) -> _Choice:
    text = value.text()
    for choice in allowed:
        if choice == text:
            return choice
    raise value.error(f"{value.name}: expected {' or '.join(allowed)}, not `{text}`")


def _line(value: Value, _: Protocol | None = None) -> str:
    """Return text without control characters: a line break would end the command that carries it."""
    if not (text := value.text()).isprintable() or not text:
        raise value.error(f"{value.name}: expected printable text")
    return text


def _file(value: Value, _: Protocol) -> str:
    return value.beside()


def _folder(value: Value, protocol: Protocol) -> str:
    folder = _line(value)
    if protocol is Protocol.MAILDIR and ("/" in folder or folder.startswith(".")):
        raise value.error(f"{value.name}: expected a folder's name as Maildir++ has it, such as Done or Done.2026")
    return folder


def _count(value: Value, _: Protocol) -> int:
    """Return a whole number; a port's range is checked here too, since no count has a use for more than 2^31."""
    highest = _HIGHEST_PORT if value.name.endswith(".port") else _HIGHEST
    try:
        number = int(value.text())
    except ValueError:
        number = 0
    if not 1 <= number <= highest:
        raise value.error(f"{value.name}: expected a whole number from 1 to {highest}, not `{value.text()}`")
    return number


def _one_of(allowed: Callable[[Protocol], tuple[_Choice, ...]]) -> _Reader:
    def read(value: Value, protocol: Protocol) -> _Choice:
        return _choice(value, allowed(protocol))

    return read


_READERS: dict[str, _Reader] = {
    **dict.fromkeys(("name", "host", "user", *_PASSWORDS, *_TOKENS), _line),
    **dict.fromkeys(("password_file", "token_file", "ca_file", "path"), _file),
    **dict.fromkeys(("folder", "aside"), _folder),
    **dict.fromkeys(("port", "limit", "interval", "max_bytes"), _count),
    "password": _password,
    "protocol": _one_of(lambda _: tuple(Protocol)),
    "tls": _one_of(lambda _: tuple(Tls)),
    "auth": _one_of(lambda protocol: _AUTH[protocol]),
    "after": _after,
    "trust": _one_of(lambda _: tuple(Trust)),
}


def local(path: Path) -> Mailbox:
    """Return the account of a Maildir or an mbox that a person names."""
    protocol = Protocol.MAILDIR if path.is_dir() else Protocol.MBOX
    return Mailbox(name=str(path), protocol=protocol, path=str(path.absolute()))
