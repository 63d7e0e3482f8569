"""Where passwords and tokens come from, and that none of them is ever shown."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from logbounce.errors import SettingsError
from logbounce.mailbox.credentials import credential
from logbounce.settings import Auth, Mailbox, Protocol, Secret

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "pass word\u00e9"  # noqa: S105 - nobody's


def account(**settings: Any) -> Mailbox:  # noqa: ANN401 - any key
    return Mailbox("box", Protocol.IMAP, host="h", port=993, user="u", **settings)


def refusal(**settings: Any) -> str:  # noqa: ANN401 - any key
    with pytest.raises(SettingsError) as caught:
        credential(account(**settings))
    said = str(caught.value)
    assert said.startswith("mailbox box (imap h:993): ")
    assert "\n" not in said
    return said.removeprefix("mailbox box (imap h:993): ")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text(f"{SECRET}\nanother line\n")
    return path


def test_of_the_settings() -> None:
    assert credential(account(password=Secret(SECRET))).reveal() == SECRET


def test_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUNCES", SECRET)
    assert credential(account(password_env="BOUNCES")).reveal() == SECRET  # noqa: S106 - a name
    assert refusal(password_env="NOT_SET") == "the variable NOT_SET: has nothing"  # noqa: S106 - a name


def test_of_a_file(file: Path) -> None:
    assert credential(account(password_file=str(file))).reveal() == SECRET
    assert credential(account(token_file=str(file), auth=Auth.XOAUTH2)).reveal() == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o606])
@pytest.mark.parametrize(("key", "auth"), [("password_file", Auth.AUTO), ("token_file", Auth.XOAUTH2)])
def test_a_file_that_others_can_read_is_refused(file: Path, mode: int, key: str, auth: Auth) -> None:
    file.chmod(mode)
    assert refusal(**{key: str(file)}, auth=auth) == f"{key} {file}: others can read it: `chmod 600 {file}`"


def test_systemd_credentials_have_the_group_bits_of_their_acl(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o440)
    monkeypatch.setattr("logbounce.settings.private._CREDENTIALS", file.parent)
    assert credential(account(password_file=str(file))).reveal() == SECRET


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\nx", "is empty"),
        (b"a\xff", "is not UTF-8 text"),
        (b"a\0b", "has control characters in it"),
    ],
)
def test_files_without_a_password(file: Path, content: bytes, says: str) -> None:
    file.write_bytes(content)
    assert refusal(password_file=str(file)) == f"password_file {file}: {says}"


def test_no_file() -> None:
    assert refusal(password_file="/nowhere/x") == "password_file /nowhere/x: cannot be read: No such file or directory"  # noqa: S106 - a path


def test_of_a_command(file: Path) -> None:
    assert credential(account(password_command=f"cat '{file}'")).reveal() == SECRET
    assert credential(account(token_command=f"cat '{file}'", auth=Auth.XOAUTH2)).reveal() == SECRET


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("sh -c 'echo locked >&2; exit 3'", "password_command: ended with exit code 3: locked"),
        ("true", "password_command: is empty"),
        ("no-such-program", "password_command: cannot be run: "),
        ("echo 'a", "password_command: cannot be run: No closing quotation"),
        ("echo a; echo b", None),
    ],
)
def test_commands(command: str, says: str | None) -> None:
    if says is None:  # no shell reads it
        assert credential(account(password_command=command)).reveal() == "a; echo b"
    else:
        assert refusal(password_command=command).startswith(says)


def test_a_command_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.mailbox.credentials.COMMAND_SECONDS", 0.2)
    assert refusal(password_command="sleep 60") == "password_command: gave no answer within 0.2 s"  # noqa: S106 - a command


class Ring(KeyringBackend):
    """A keyring that knows one password."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse."""
        raise NotImplementedError

    def get_password(self, service: str, username: str) -> str | None:
        """Return it."""
        if service == "locked":
            raise KeyringError("the keyring is locked")
        return SECRET if (service, username) == ("bounces", "u") else None


def test_of_the_keyring() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        assert credential(account(password_keyring="bounces")).reveal() == SECRET  # noqa: S106 - a name
        assert "`keyring set 'my box' u` puts it there): has nothing" in refusal(password_keyring="my box")  # noqa: S106 - a name
        assert refusal(password_keyring="locked") == "the keyring cannot be asked: the keyring is locked"  # noqa: S106 - a name
    finally:
        keyring.set_keyring(before)


def test_without_the_keyring_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refusal(password_keyring="x") == "password_keyring needs `pip install 'logbounce[keyring]'`"  # noqa: S106 - a name


def test_a_secret_is_never_shown() -> None:
    secret = Secret(SECRET)
    shown = [repr(secret), str(secret), f"{secret}", builtins.format(secret), repr(account(password=secret))]
    assert not [text for text in shown if SECRET in text]
    assert secret == Secret(SECRET)
    assert secret != Secret("other")
