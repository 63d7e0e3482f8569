"""Hands the cases to the MTA: by SMTP at its several entries, and by its sendmail command."""

import smtplib
import subprocess
import time
from email.message import EmailMessage

from tests.live.cases import Case, messages

PORTS = {"smtp": 2500, "filter": 2501, "submission": 2502, "postscreen": 2503, "burst": 2500}
ADDRESSES = {"postscreen": "127.0.30.1"}  # one that postscreen refuses


def _text(cases: list[Case]) -> bytes:
    mail = EmailMessage()
    mail["From"] = "News <news@sender.test>"
    mail["Subject"] = cases[0].subject
    mail["Message-ID"] = f"<{cases[0].message}@sender.test>"
    mail.set_content("hello " * 50 + f"\n{len(cases)}\n")
    return mail.as_bytes()


def _transact(client: smtplib.SMTP, cases: list[Case]) -> None:
    first = cases[0]
    client.command_encoding = "utf-8" if "SMTPUTF8" in first.options else "ascii"
    client.mail(first.sender, list(first.options))
    answers = [client.rcpt(recipient, case.notify)[0] for case in cases for recipient in case.recipients]
    if 250 in answers:
        client.data(_text(cases))
    else:
        client.rset()


def _connect(entry: str) -> smtplib.SMTP:
    client = smtplib.SMTP(
        timeout=20, source_address=(ADDRESSES.get(entry, "127.0.0.1"), 0), local_hostname="app.sender.test"
    )
    client.connect("127.0.0.1", PORTS[entry])
    client.ehlo()
    return client


def wait_for_the_server() -> None:
    """Return when it takes connections."""
    for _ in range(50):
        try:
            _connect("smtp").quit()
        except OSError:
            time.sleep(0.2)
        else:
            return
    message = "the MTA does not listen after 10 s"
    raise TimeoutError(message)


def inject(cases: tuple[Case, ...], sendmail: dict[str, list[str]]) -> None:
    """Send every case; `sendmail` has the commands of the entries that are none of SMTP."""
    wait_for_the_server()
    burst: list[list[Case]] = []
    for group in messages(cases):
        first = group[0]
        if first.entry in sendmail:
            submit([*sendmail[first.entry], "-f", first.sender, first.recipient], _text(group))
        elif first.entry == "burst":
            burst.append(group)
        else:
            with _connect(first.entry) as client:
                _transact(client, group)
    with _connect("burst") as client:  # one connection in, so that the MTA caches the one out
        for group in burst:
            _transact(client, group)


def send(case: Case) -> None:
    """Send one message by SMTP."""
    with _connect(case.entry) as client:
        _transact(client, [case])


def submit(command: list[str], text: bytes) -> None:
    """Give a message to a command, as a program on the same machine does."""
    subprocess.run(command, input=text, check=True)
