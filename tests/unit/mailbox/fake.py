"""Servers that say what a test wants them to say."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from logbounce.settings import Mailbox, Protocol, Secret, Tls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


PASSWORD = "open-sesame"  # noqa: S105 - of a server that is none
SIZE = 16

IMAP = {
    "": b"* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] ready\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\nTAG OK done\r\n",
    "LOGIN": b"TAG OK in\r\n",
    "SELECT|EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK [READ-WRITE] done\r\n",
    "UID SEARCH": b"* SEARCH 1\r\nTAG OK done\r\n",
    "UID FETCH .*SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 16)\r\nTAG OK done\r\n",
    "UID FETCH .*BODY": b"* 1 FETCH (UID 1 BODY[]<0> {16}\r\nSubject: x\r\n\r\nyy)\r\nTAG OK done\r\n",
    "LOGOUT": b"* BYE\r\nTAG OK bye\r\n",
    ".*": b"TAG OK done\r\n",
}
POP3 = {
    "": b"+OK ready\r\n",
    "CAPA": b"+OK\r\nUSER\r\nUIDL\r\n.\r\n",
    "USER|PASS|DELE|QUIT": b"+OK\r\n",
    "LIST": b"+OK\r\n1 16\r\n.\r\n",
    "UIDL": b"+OK\r\n1 abc\r\n.\r\n",
    "RETR": b"+OK\r\nSubject: x\r\n\r\nyy\r\n.\r\n",
    ".*": b"-ERR what?\r\n",
}


@contextmanager
def serving(answers: dict[str, bytes], said: list[str] | None = None) -> Iterator[int]:
    """Serve on a port: each line is answered by the first pattern that it fits; an empty answer hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_accept, args=(listener, answers, said if said is not None else []), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@contextmanager
def mailbox(protocol: Protocol, changes: dict[str, bytes] | None = None, **settings: Any) -> Iterator[Mailbox]:  # noqa: ANN401 - any key
    """Yield the account of a server that says `changes`, and else what it should."""
    base = IMAP if protocol is Protocol.IMAP else POP3
    said: list[str] | None = settings.pop("said", None)
    with serving(
        {**(changes or {}), **{key: text for key, text in base.items() if key not in (changes or {})}}, said
    ) as port:
        given: dict[str, Any] = {"tls": Tls.NONE, "user": "u", "password": Secret(PASSWORD), **settings}
        yield Mailbox("box", protocol, host="127.0.0.1", port=port, **given)


def _accept(listener: socket.socket, answers: dict[str, bytes], said: list[str]) -> None:
    with suppress(OSError):  # closed by the test
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_converse, args=(connection, answers, said), daemon=True).start()


def _converse(connection: socket.socket, answers: dict[str, bytes], said: list[str]) -> None:
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        _send(connection.sendall, answers[""])
        last = b""
        for raw in lines:
            line = raw.decode(errors="replace").strip()
            said.append(line)
            tag, _, rest = line.partition(" ")
            pattern = next(key for key in answers if key and (re.match(key, line) or re.match(key, rest)))
            if not answers[pattern]:
                return
            last = tag.encode() if rest else last  # what has no tag goes on with a command that has one
            _send(connection.sendall, answers[pattern].replace(b"TAG", last))


def _send(send: Callable[[bytes], object], answer: bytes) -> None:
    """Send an answer; `FLOOD` in it is a megabyte, again and again until the client has enough."""
    before, flood, after = answer.partition(b"FLOOD")
    send(before)
    while flood:
        send(b"x" * 1_000_000)
    send(after)
