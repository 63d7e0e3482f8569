"""Looks up passwords and tokens when a mailbox is opened. None is in an error, nor in the chain of its causes."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.errors import SettingsError
from logbounce.settings import Auth, Secret
from logbounce.settings.private import private_bytes

if TYPE_CHECKING:
    from logbounce.settings import Mailbox

COMMAND_SECONDS = 30
_SHOWN = 200


def credential(account: Mailbox) -> Secret:
    """Return the account's password, or its token for XOAUTH2."""
    if account.auth is Auth.XOAUTH2:
        found = _from_file(account, "token_file", account.token_file) if account.token_file else None
        return found or _from_command(account, "token_command", account.token_command or "")
    return _password(account)


def check_credential(account: Mailbox) -> None:
    """Raise what keeps a password or token from being found; a command or a keyring is not run: it may ask people."""
    if account.password_file or account.password_env or account.token_file:
        credential(account)


def _password(account: Mailbox) -> Secret:
    if account.password is not None:
        return account.password
    if account.password_env:
        return _from_environment(account, account.password_env)
    if account.password_file:
        return _from_file(account, "password_file", account.password_file)
    if account.password_command:
        return _from_command(account, "password_command", account.password_command)
    return _from_keyring(account, account.password_keyring or "")


def _from_environment(account: Mailbox, name: str) -> Secret:
    return _checked(account, f"the variable {name}", os.environ.get(name))


def _from_file(account: Mailbox, key: str, name: str) -> Secret:
    found = private_bytes(Path(name), lambda says: SettingsError(f"{account}: {key} {says}"))
    try:
        text = found.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{account}: {key} {name}: is not UTF-8 text") from None
    return _checked(account, f"{key} {name}", text)


def _from_command(account: Mailbox, key: str, command: str) -> Secret:
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the owner of the settings says what to run
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"{account}: {key}: cannot be run: {error}") from None
    except subprocess.TimeoutExpired:
        raise SettingsError(f"{account}: {key}: gave no answer within {COMMAND_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        because = f": {said[0][:_SHOWN]}" if said else ""
        raise SettingsError(f"{account}: {key}: ended with exit code {done.returncode}{because}")
    return _checked(account, key, done.stdout.decode(errors="replace"))


def _from_keyring(account: Mailbox, service: str) -> Secret:
    try:
        import keyring  # noqa: PLC0415 - an extra, for those who have one
        from keyring.errors import KeyringError  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise SettingsError(f"{account}: password_keyring needs `pip install 'logbounce[keyring]'`") from error
    try:
        found = keyring.get_password(service, account.user)
    except KeyringError as error:
        raise SettingsError(f"{account}: the keyring cannot be asked: {error}") from None
    hint = f"the keyring (`keyring set {shlex.quote(service)} {shlex.quote(account.user)}` puts it there)"
    return _checked(account, hint, found)


def _checked(account: Mailbox, source: str, text: str | None) -> Secret:
    """Return the first line of what was found."""
    if text is None:
        raise SettingsError(f"{account}: {source}: has nothing")
    first = text.split("\n", 1)[0].removesuffix("\r")
    if not first:
        raise SettingsError(f"{account}: {source}: is empty")
    if not first.isprintable():
        raise SettingsError(f"{account}: {source}: has control characters in it")
    return Secret(first)
