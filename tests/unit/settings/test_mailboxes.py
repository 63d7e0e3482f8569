"""`mailboxes:` of logbounce.yaml: what each protocol takes, and what is refused with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce import settings
from logbounce.errors import SettingsError
from logbounce.settings import Action, After, Auth, Mailbox, Protocol, Tls, Trust

if TYPE_CHECKING:
    from pathlib import Path

IMAP = "name: a, protocol: imap, host: h, user: u, password_env: P"
POP3 = "name: a, protocol: pop3, host: h, user: u, password_env: P"
MAILDIR = "name: a, protocol: maildir, path: Maildir"
MBOX = "name: a, protocol: mbox, path: /var/mail/bounces"


def load(tmp_path: Path, *accounts: str) -> tuple[Mailbox, ...]:
    file = tmp_path / "logbounce.yaml"
    file.touch(0o600)
    file.write_text("mailboxes:\n" + "".join(f"- {{{account}}}\n" for account in accounts))
    return settings.load(file, environ={}).mailboxes


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    (account,) = load(
        tmp_path,
        "name: a, protocol: imap, host: h, port: 1143, user: u, password_file: secret, tls: starttls, ca_file: ca.pem,"
        " auth: plain, folder: Bounces, after: {move: Done}, aside: Other, limit: 5, interval: 60, max_bytes: 1000,"
        " trust: any",
    )
    assert account == Mailbox(
        "a", Protocol.IMAP, host="h", port=1143, user="u", password_file=str(tmp_path / "secret"), tls=Tls.STARTTLS,
        ca_file=str(tmp_path / "ca.pem"), auth=Auth.PLAIN, folder="Bounces", after=After(Action.MOVE, "Done"),
        aside="Other", limit=5, interval=60, max_bytes=1000, trust=Trust.ANY,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("account", "port"),
    [
        (IMAP, 993),
        (f"{IMAP}, tls: starttls", 143),
        (f"{IMAP}, tls: none", 143),
        (POP3, 995),
        (f"{POP3}, tls: none", 110),
    ],
)
def test_ports(tmp_path: Path, account: str, port: int) -> None:
    assert load(tmp_path, account)[0].port == port


def test_defaults_are_the_careful_ones(tmp_path: Path) -> None:
    for account in load(tmp_path, IMAP, POP3.replace(": a", ": b", 1), MAILDIR.replace(": a", ": c", 1)):
        assert (account.tls, account.after, account.aside) == (Tls.IMPLICIT, After(Action.KEEP), None)
        assert (account.trust, account.max_bytes) == (Trust.PROOF, 10_000_000)


def test_a_token_means_xoauth2(tmp_path: Path) -> None:
    (account,) = load(tmp_path, "name: a, protocol: imap, host: h, user: u, token_command: oauth2-token bounces")
    assert (account.auth, account.token_command) == (Auth.XOAUTH2, "oauth2-token bounces")


def test_files(tmp_path: Path) -> None:
    maildir, mbox = load(tmp_path, f"{MAILDIR}, folder: Bounces.2026, after: delete", MBOX.replace(": a", ": b", 1))
    assert (maildir.path, maildir.folder) == (str(tmp_path / "Maildir"), "Bounces.2026")
    assert mbox.path == "/var/mail/bounces"


REFUSED = {
    "protocol: imap": "'name' is missing",
    "name: a": "'protocol' is missing",
    "name: a, protocol: imap2": "mailboxes[0].protocol: expected imap or pop3 or maildir or mbox, not `imap2`",
    "name: a, protocol: imap, user: u": "'host' is missing",
    "name: a, protocol: imap, host: h": "'user' is missing",
    "name: a, protocol: mbox": "'path' is missing",
    "name: a, protocol: imap, host: h, user: u": "expected one of password, password_env, password_file,",
    f"{IMAP}, password_file: x": "not 'password_env' and 'password_file'",
    f"{IMAP}, path: /x": "'path' does not go with protocol imap",
    f"{POP3}, folder: INBOX": "'folder' does not go with protocol pop3",
    f"{MAILDIR}, host: h": "'host' does not go with protocol maildir",
    f"{MBOX}, password_env: P": "'password_env' does not go with protocol mbox",
    f"{IMAP}, tls: off": "mailboxes[0].tls: expected text, not `off`: put it in quotes",
    f"{IMAP}, tls: ssl": "mailboxes[0].tls: expected implicit or starttls or none, not `ssl`",
    f"{IMAP}, tls: none, ca_file: x": "'ca_file' does not go with tls: none",
    f"{IMAP}, auth: apop": "mailboxes[0].auth: expected auto or plain or login or cram-md5 or xoauth2, not `apop`",
    f"{IMAP}, auth: xoauth2": "auth: xoauth2 takes a token (token_file, token_command), not 'password_env'",
    "name: a, protocol: imap, host: h, user: u, token_file: x, auth: plain": "auth: plain takes a password, not",
    f"{IMAP}, after: move": "expected the folder too: `after: {move: FOLDER}`",
    f"{IMAP}, after: {{move: }}": "expected `move: FOLDER`",
    f"{IMAP}, after: {{to: x}}": "unknown key 'to' in mailboxes[0].after, expected one of move",
    f"{IMAP}, after: burn": "mailboxes[0].after: expected keep or mark or move or delete, not `burn`",
    f"{POP3}, after: mark": "mailboxes[0].after: expected keep or delete, not `mark`",
    f"{POP3}, after: {{move: x}}": "mailboxes[0].after: expected keep or delete: pop3 has no folders",
    f"{MBOX}, after: delete": "mailboxes[0].after: expected keep, not `delete`",
    f"{MAILDIR}, folder: ../x": "expected a folder's name as Maildir++ has it",
    f"{MAILDIR}, after: {{move: a/b}}": "expected a folder's name as Maildir++ has it",
    f"{IMAP}, port: 70000": "mailboxes[0].port: expected a whole number from 1 to 65535, not `70000`",
    f"{IMAP}, limit: 0": "mailboxes[0].limit: expected a whole number from 1 to",
    f"{IMAP}, max_bytes: 10 MB": "mailboxes[0].max_bytes: expected a whole number from 1 to",
    f"{IMAP}, trust: all": "mailboxes[0].trust: expected proof or any, not `all`",
    'name: a, protocol: imap, host: h, password_env: P, user: "u\\r\\nA1 DELETE INBOX"': "expected printable text",
}


@pytest.mark.parametrize("account", REFUSED)
def test_refused_with_its_line(tmp_path: Path, account: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, account)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path}/logbounce.yaml:2: ")
    assert "mailboxes[0]" in said
    assert REFUSED[account] in said
    assert "\n" not in said


def test_a_name_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r":3: mailboxes\[1\]: the name 'a' is taken by an earlier mailbox"):
        load(tmp_path, IMAP, MBOX)
