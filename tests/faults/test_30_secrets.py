"""Fault 30: a password that others can read, a bad certificate, a server without TLS: refused, saying what to do."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.unit.cli.command import fails, logbounce
from tests.unit.mailbox.fake import IMAP, POP3, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORD = "open-sesame"
SERVERS = {"imap": IMAP, "pop3": POP3}
COMMANDS = [("fetch", "--test"), ("status",), ("report",), ("doctor",)]


def configure(home: Path, text: str, mode: int = 0o600) -> None:
    file = home / "logbounce.yaml"
    file.touch(0o600)
    file.write_text(f"mailboxes:\n- {{name: bounces, user: u, {text}}}\n")
    file.chmod(mode)


def refused(home: Path, code: int = 8) -> str:
    """Return why, after a look that the word is nowhere."""
    done = logbounce("fetch", "--test", cwd=home, variables={"BOUNCES": WORD, "LOGBOUNCE_DEBUG": "1"})
    assert WORD not in done.stdout + done.stderr
    return fails(done, code)


@contextmanager
def tls_server(certificate: trustme.LeafCert) -> Iterator[int]:
    """Serve a handshake with this certificate, and note nothing that comes after it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_handshakes, args=(listener, context), daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def _handshakes(listener: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with suppress(OSError), connection, context.wrap_socket(connection, server_side=True) as channel:
                channel.sendall(b"* OK ready\r\n")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
@pytest.mark.parametrize("command", COMMANDS)
def test_settings_with_a_password_that_others_can_read(tmp_path: Path, command: tuple[str, ...], mode: int) -> None:
    configure(tmp_path, f"protocol: imap, host: mail.example.org, password: {WORD}", mode)
    done = logbounce(*command, cwd=tmp_path)
    assert WORD not in done.stdout + done.stderr
    said = done.stdout if command == ("doctor",) else fails(done, 4)
    assert "logbounce.yaml:2: mailboxes[0].password: others can read this password: `chmod 600 logbounce.yaml`" in said
    assert done.returncode == (1 if command == ("doctor",) else 4)


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_password_file_that_others_can_read(tmp_path: Path, protocol: str) -> None:
    (tmp_path / "password").write_text(WORD)
    (tmp_path / "password").chmod(0o644)
    said: list[str] = []
    with serving(SERVERS[protocol], said) as port:
        configure(tmp_path, f"protocol: {protocol}, host: 127.0.0.1, port: {port}, tls: none, password_file: password")
        line = refused(tmp_path)
    assert line.endswith(f"password_file {tmp_path}/password: others can read it: `chmod 600 {tmp_path}/password`")
    assert said == []
    assert "others can read it" in logbounce("doctor", cwd=tmp_path).stdout


CERTIFICATES = {
    "of another host": "is not one for 'localhost': `host` has to be a name that the certificate has",
    "expired": "has expired: whoever runs the server has to renew it",
    "not yet valid": "is not valid yet: look at this machine's clock",
    "of an unknown authority": "is signed by an authority that is not known here: name its certificate as `ca_file`",
}


def certificate(ca: trustme.CA, case: str) -> trustme.LeafCert:
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    if case == "of another host":
        return ca.issue_cert("mail.example.org")
    if case == "expired":
        return ca.issue_cert("localhost", not_before=now - 9 * day, not_after=now - day)
    if case == "not yet valid":
        return ca.issue_cert("localhost", not_before=now + day, not_after=now + 9 * day)
    return trustme.CA().issue_cert("localhost")


@pytest.mark.parametrize("protocol", SERVERS)
@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_bad_certificate(tmp_path: Path, protocol: str, case: str) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    with tls_server(certificate(ca, case)) as port:
        account = f"protocol: {protocol}, host: localhost, port: {port}, password_env: BOUNCES, ca_file: ca.pem"
        configure(tmp_path, account)
        line = refused(tmp_path)
    assert f"refused: the certificate of localhost:{port} {CERTIFICATES[case]}" in line


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_server_without_tls(tmp_path: Path, protocol: str) -> None:
    said: list[str] = []
    with serving(SERVERS[protocol], said) as port:
        configure(
            tmp_path, f"protocol: {protocol}, host: 127.0.0.1, port: {port}, tls: starttls, password_env: BOUNCES"
        )
        line = refused(tmp_path)
    assert "refused: the server does not offer ST" in line
    assert "use `tls: implicit`, or, if the way to the server is safe, the word `tls: none`" in line
    assert not [sent for sent in said if WORD in sent or "LOGIN" in sent or "USER" in sent]


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_server_without_tls_where_tls_begins_at_once(tmp_path: Path, protocol: str) -> None:
    said: list[str] = []
    with serving(SERVERS[protocol], said) as port:
        configure(tmp_path, f"protocol: {protocol}, host: 127.0.0.1, port: {port}, password_env: BOUNCES")
        line = refused(tmp_path)
    assert "refused: the server speaks no TLS on this port: `tls: starttls` (port" in line
    assert not [sent for sent in said if WORD in sent]


@pytest.mark.parametrize("protocol", SERVERS)
def test_the_explicit_word(tmp_path: Path, protocol: str) -> None:
    with serving(SERVERS[protocol]) as port:
        configure(tmp_path, f"protocol: {protocol}, host: 127.0.0.1, port: {port}, tls: none, password_env: BOUNCES")
        done = logbounce("fetch", "--test", cwd=tmp_path, variables={"BOUNCES": WORD})
    assert (done.returncode, done.stderr) == (0, "")
    assert "(no TLS, " in done.stdout
    configure(tmp_path, f"protocol: {protocol}, host: mail.example.org, tls: none, password_env: BOUNCES")
    said = logbounce("doctor", cwd=tmp_path, variables={"BOUNCES": WORD}).stdout
    assert "tls: none\n       why:  whoever is on the way to the server reads the password" in said
