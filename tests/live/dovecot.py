"""A Dovecot of its own on loopback ports, with a test authority; each test has a user of its own.

Every name is a user, all have one password. 127.0.0.1 has a good certificate; 127.0.0.2 one for another host,
127.0.0.3 an expired one, 127.0.0.4 one of an authority that nobody knows; 127.0.0.5 wants TLS, and 127.0.0.6 has none.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import os
import pwd
import shutil
import socket
import string
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from logbounce.settings import Auth, Mailbox, Protocol, Secret, Tls

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = 'hors"e\\battery'  # noqa: S105 - of a server that lives for seconds, and hard to quote
SERVER = "dovecot"
OWNER = pwd.getpwnam("nobody")
TEMPLATE = Path(__file__).parent / "templates/dovecot.conf"
SETTINGS = """\
database: {database}
mailboxes:
  - name: bounces
    protocol: {protocol}
    host: localhost
    port: {port}
    user: {user}
    password_file: password
"""
OAUTH2 = """\
introspection_mode = local
username_attribute = sub
local_validation_key_dict = fs:posix:prefix={folder}/keys/
"""
KEY = b"a key for HS256 that nobody else has"
PATIENCE = 20
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
PORTS = ("imap", "imaps", "pop3", "pop3s")


def missing() -> str | None:
    """Tell why it cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "needs root: Dovecot runs as users of its own"
    if not shutil.which(SERVER, path=PATH):
        return "dovecot is not installed: run tests/live/install.sh"
    return None


@contextmanager
def running(**options: str) -> Iterator[Dovecot]:
    """Run one with a folder of its own; skip the test where there is none."""
    if reason := missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="logbounce-dovecot-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)  # its processes run as users of their own
        server = Dovecot(Path(folder), **options)
        try:
            yield server
        finally:
            server.stop()


class Dovecot:
    """A server that runs."""

    def __init__(self, folder: Path, *, prefix: str = "", separator: str = "/") -> None:
        self.folder = folder
        self.ca_file = folder / "authority.pem"
        self.ports = _free_ports()
        self._certificates()
        _keys(folder)
        values = {
            "folder": folder, "password": PASSWORD, "uid": OWNER.pw_uid, "gid": OWNER.pw_gid,
            "prefix": prefix, "separator": separator, **self.ports,
        }  # fmt: skip
        configuration = folder / "dovecot.conf"
        configuration.write_text(string.Template(TEMPLATE.read_text()).substitute(values))
        (folder / "users").mkdir()
        os.chown(folder / "users", OWNER.pw_uid, OWNER.pw_gid)
        self._out = (folder / "out").open("wb")
        command = (shutil.which(SERVER, path=PATH) or SERVER, "-F", "-c", str(configuration))
        self._process = subprocess.Popen(command, stdout=self._out, stderr=subprocess.STDOUT)
        self._wait()

    def stop(self) -> None:
        """End it and all its processes."""
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        self._out.close()

    def account(self, user: str, protocol: Protocol = Protocol.IMAP, **changes: Any) -> Mailbox:  # noqa: ANN401 - any key
        """Return the settings of a user, by implicit TLS unless told otherwise."""
        port = self.ports[f"{protocol}s" if changes.get("tls", Tls.IMPLICIT) is Tls.IMPLICIT else str(protocol)]
        given: dict[str, Any] = {
            "name": user, "protocol": protocol, "host": "localhost", "port": port, "user": user,
            "password": Secret(PASSWORD), "ca_file": str(self.ca_file),
        }  # fmt: skip
        if changes.get("auth") is Auth.XOAUTH2:
            del given["password"]
        return Mailbox(**given | changes)

    def configure(self, folder: Path, protocol: str, user: str, port: int = 0, **more: str) -> None:
        """Write logbounce.yaml for one mailbox, and its password; TLS is implicit unless `more` has tls."""
        given = {"protocol": protocol, "user": user, "port": port or self.ports[f"{protocol}s"]}
        text = SETTINGS.format(database=folder / "logbounce.duckdb", **given)
        trusted = {} if more.get("tls") == "none" else {"ca_file": str(self.ca_file)}
        text += "".join(f"    {key}: {value}\n" for key, value in (trusted | more).items())
        for name, content in (("logbounce.yaml", text), ("password", PASSWORD)):
            (folder / name).write_text(content)
            (folder / name).chmod(0o600)

    def maildir(self, user: str) -> Path:
        """Return a user's Maildir."""
        maildir = self.folder / "users" / user / "Maildir"
        for part in (maildir.parent, maildir, *(maildir / name for name in ("tmp", "new", "cur"))):
            if not part.exists():
                part.mkdir(mode=0o700)
                os.chown(part, OWNER.pw_uid, OWNER.pw_gid)
        return maildir

    def deliver(self, user: str, body: bytes, name: str | None = None) -> str:
        """Put a message into a user's INBOX and return its file's name."""
        maildir = self.maildir(user)
        name = name or f"{time.time_ns()}.test"
        draft = maildir / "tmp" / name
        draft.write_bytes(body)
        os.chown(draft, OWNER.pw_uid, OWNER.pw_gid)
        draft.rename(maildir / "new" / name)
        return name

    def admin(self, *arguments: str) -> str:
        """Run doveadm."""
        command = ("doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments)
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def token(self, user: str) -> Path:
        """Return a file with an access token: a JWT (RFC 7519)."""
        now = int(time.time())
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": now - 10, "exp": now + 600}]
        text = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        file = self.folder / f"{user}.token"
        file.write_text(f"{text}.{_base64url(hmac.digest(KEY, text.encode(), 'sha256'))}\n")
        file.chmod(0o600)
        return file

    def _certificates(self) -> None:
        authority, stranger = trustme.CA(), trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        past = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        for name, certificate in {
            "good": authority.issue_cert("localhost", "127.0.0.5", "127.0.0.1"),
            "other-host": authority.issue_cert("mail.example.org"),
            "expired": authority.issue_cert("127.0.0.3", not_before=past - dt.timedelta(days=9), not_after=past),
            "other-authority": stranger.issue_cert("127.0.0.4"),
        }.items():
            certificate.private_key_and_cert_chain_pem.write_to_path(self.folder / f"{name}.pem")

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                for port in self.ports.values():
                    socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        log = self.folder / "dovecot.log"
        said = (self.folder / "out").read_text() + (log.read_text() if log.exists() else "")
        self.stop()
        message = f"Dovecot did not start: {said[-2000:]}"
        raise TimeoutError(message)


def _keys(folder: Path) -> None:
    (folder / "oauth2.conf").write_text(OAUTH2.format(folder=folder))
    place = folder / "keys/default/HS256"
    place.mkdir(parents=True)
    (place / "default").write_bytes(base64.b64encode(KEY))


def _base64url(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _free_ports() -> dict[str, int]:
    """Return ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return dict(zip(PORTS, ports, strict=True))
