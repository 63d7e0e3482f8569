"""The scripted far side of the live tests: a DNS server, and SMTP servers whose replies are a table.

It runs inside the network namespace of namespace.py, so it may take the real ports 53 and 25 and the names of real
providers. What it answers to each recipient goes to a file, which is a second truth beside cases.py: what was accepted
was delivered.
"""

import asyncio
import collections
import json
import smtplib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller, UnixSocketController
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from dnslib import MX, PTR, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer

FILTER_PORT = 10025
REINJECTION_PORT = 10026

MAIL_EXCHANGERS = {
    "gmail.com": [(5, "gmail-smtp-in.l.google.com"), (10, "alt1.gmail-smtp-in.l.google.com")],
    "outlook.com": [(5, "outlook-com.olc.protection.outlook.com")],
    "yahoo.com": [(1, "mta5.am0.yahoodns.net")],
    "example.org": [(10, "mx.example.org")],
    "xn--bcher-kva.example": [(10, "mx.example.org")],
    "refused.example": [(10, "mx.refused.example")],
    "greet.example": [(10, "mx.greet.example")],
    "greet4.example": [(10, "mx.greet4.example")],
    "drop.example": [(10, "mx.drop.example")],
    "notls.example": [(10, "mx.notls.example")],
    "timeout.example": [(10, "mx.timeout.example")],
    "loop.example": [(10, "mail.sender.test")],
    "nullmx.example": [(0, ".")],  # RFC 7505
}
ADDRESSES = {
    "gmail-smtp-in.l.google.com": "127.0.10.1",
    "alt1.gmail-smtp-in.l.google.com": "127.0.10.2",
    "outlook-com.olc.protection.outlook.com": "127.0.10.3",
    "mta5.am0.yahoodns.net": "127.0.10.4",
    "mx.example.org": "127.0.10.5",
    "mx.refused.example": "127.0.10.6",  # nothing listens there
    "mx.greet.example": "127.0.10.7",
    "mx.greet4.example": "127.0.10.8",
    "mx.drop.example": "127.0.10.9",
    "mx.notls.example": "127.0.10.10",
    "mx.timeout.example": "127.0.10.11",
    "mail.sender.test": "127.0.0.1",
    "localhost": "127.0.0.1",
}
SERVER_FAILURE = {"servfail.example"}


class Sink(NamedTuple):
    """An SMTP server that takes mail, or refuses it as REPLIES says."""

    provider: str
    address: str
    hostname: str
    tls: bool = True


SINKS = (
    Sink("gmail", "127.0.10.1", "mx.google.com"),
    Sink("gmail", "127.0.10.2", "mx.google.com"),
    Sink("outlook", "127.0.10.3", "outlook-com.olc.protection.outlook.com"),
    Sink("yahoo", "127.0.10.4", "mta1234.mail.bf1.yahoo.com"),
    Sink("example", "127.0.10.5", "mx.example.org"),
    Sink("notls", "127.0.10.10", "mx.notls.example", tls=False),
)


class Banner(NamedTuple):
    """A server that never gets as far as EHLO."""

    address: str
    greeting: str
    hangs: bool = False


BANNERS = (
    Banner("127.0.10.7", "554 mx.greet.example ESMTP not accepting messages, your IP 127.0.20.1 is blacklisted"),
    Banner("127.0.10.8", "421 4.7.0 Try again later, closing connection."),
    Banner("127.0.10.9", ""),
    Banner("127.0.10.11", "", hangs=True),
)


class Reply(NamedTuple):
    """What the far side says at a stage to addresses that start so; the first that fits."""

    stage: str  # mail, rcpt, data
    starts: str
    text: str  # {address} is the address that was given
    provider: str = ""  # any
    times: int = 0  # for ever


REPLIES = (
    Reply("mail", "badfrom@", "550 5.7.1 <{address}>: Sender address rejected: SPF fail - not authorized"),
    Reply(
        "rcpt",
        "nouser",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
        "550-5.1.1 double-checking the recipient's email address for typos or\r\n"
        "550-5.1.1 unnecessary spaces. For more information, go to\r\n"
        "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d9443c01a7336-2d1 - gsmtp",
        "gmail",
    ),
    Reply(
        "rcpt",
        "nouser",
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."
        " [xx.eurprd02.prod.protection.outlook.com]",
        "outlook",
    ),
    Reply("rcpt", "nouser", "550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"),
    Reply("rcpt", "plain", "550 No such user here"),
    Reply(
        "rcpt",
        "grey",
        "450 4.2.0 <{address}>: Recipient address rejected: Greylisted, see http://postgrey.example.org/help",
        times=1,
    ),
    Reply("rcpt", "full", "452 4.2.2 The email account that you tried to reach is over quota. - gsmtp"),
    Reply("rcpt", "hardfull", "552 5.2.2 <{address}>: user is over quota"),
    Reply(
        "rcpt",
        "injection",
        "550 5.1.1 to=<victim@example.org>, relay=none, dsn=5.1.1, status=bounced (said: a reply) in reply to nothing",
    ),
    Reply(
        "rcpt",
        "blocked",
        "554 5.7.1 Service unavailable; Client host [127.0.20.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/127.0.20.1",
    ),
    Reply(
        "data",
        "spam",
        "550-5.7.1 [127.0.20.1      12] Our system has detected that this message is\r\n"
        "550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,\r\n"
        "550 5.7.1 this message has been blocked. - gsmtp",
    ),
    Reply(
        "data",
        "ts",
        "421 4.7.0 [TSS04] Messages from 127.0.20.1 temporarily deferred due to unexpected volume or user complaints"
        " - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
    ),
)


class Names:
    """Answers from the tables above."""

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        """Answer one question; what is in no table does not exist."""
        del handler
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        kind = QTYPE[request.q.qtype]
        if name in SERVER_FAILURE:
            reply.header.rcode = RCODE.SERVFAIL
        elif name not in MAIL_EXCHANGERS and name not in ADDRESSES and _host_of(name) is None:
            reply.header.rcode = RCODE.NXDOMAIN
        for data in _records(name, kind):
            reply.add_answer(RR(request.q.qname, getattr(QTYPE, kind), ttl=60, rdata=data))
        return reply


def _host_of(name: str) -> str | None:
    address = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
    return next((host for host, known in ADDRESSES.items() if known == address), None)


def _records(name: str, kind: str) -> Iterator[MX | A | PTR]:
    if kind == "MX":
        yield from (MX(host, preference) for preference, host in MAIL_EXCHANGERS.get(name, ()))
    elif kind == "A" and name in ADDRESSES:
        yield A(ADDRESSES[name])
    elif kind == "PTR" and (host := _host_of(name)):
        yield PTR(host)


class Record:
    """What the far side answered, as JSON lines."""

    def __init__(self, path: Path) -> None:
        """Start an empty record."""
        self._file = path.open("w", buffering=1, encoding="utf-8")
        self._lock = threading.Lock()
        self._seen: collections.Counter[tuple[str, ...]] = collections.Counter()

    def times(self, *key: str) -> int:
        """Tell how often this was asked, this time included."""
        with self._lock:
            self._seen[key] += 1
            return self._seen[key]

    def write(self, **answer: str | None) -> None:
        """Add one answer."""
        with self._lock:
            self._file.write(json.dumps(answer) + "\n")


class Script:
    """An aiosmtpd handler that answers as REPLIES says."""

    def __init__(self, provider: str, record: Record) -> None:
        """Answer as this provider."""
        self._provider = provider
        self._record = record

    def _answer(self, stage: str, address: str, sender: str = "") -> str | None:
        for reply in REPLIES:
            if (
                reply.stage != stage
                or not address.startswith(reply.starts)
                or reply.provider not in {"", self._provider}
            ):
                continue
            if not reply.times or self._record.times(stage, address, sender) <= reply.times:
                return reply.text.format(address=address)
        return None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Judge the sender."""
        del server, session
        if refusal := self._answer("mail", address):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Judge a recipient."""
        del server, session, options
        if refusal := self._answer("rcpt", address, envelope.mail_from or ""):
            self._record.write(
                provider=self._provider, stage="rcpt", sender=envelope.mail_from, recipient=address, reply=refusal
            )
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Judge the message: one answer for all its recipients (RFC 5321)."""
        del server, session
        refusals = [answer for address in envelope.rcpt_tos if (answer := self._answer("data", address))]
        reply = refusals[0] if refusals else f"250 2.0.0 OK  1700000000 {self._provider} - gsmtp"
        for address in envelope.rcpt_tos:
            self._record.write(
                provider=self._provider, stage="data", sender=envelope.mail_from, recipient=address, reply=reply
            )
        return reply


class ContentFilter:
    """A filter in amavisd's manner: hands each message back to the MTA before it accepts it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Re-inject the message and pass on the second queue id."""
        del server, session
        answer = await asyncio.to_thread(_reinject, envelope)
        second_id = answer.split("queued as ")[-1]
        return f"250 2.0.0 from MTA(smtp:[127.0.0.1]:{REINJECTION_PORT}): 250 2.0.0 Ok: queued as {second_id}"


def _reinject(envelope: Envelope) -> str:
    with smtplib.SMTP("127.0.0.1", REINJECTION_PORT, local_hostname="filter.sender.test", timeout=10) as client:
        client.ehlo()
        client.mail(envelope.mail_from or "")
        for address in envelope.rcpt_tos:
            client.rcpt(address)
        return client.data(envelope.content or b"")[1].decode()


class Server(Controller):
    """One SMTP server."""

    def __init__(self, handler: Script | ContentFilter, sink: Sink, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen at the sink's address."""
        self._hostname = sink.hostname
        self._tls = tls if sink.tls else None
        super().__init__(handler, hostname=sink.address, port=port, ready_timeout=20)

    def factory(self) -> SMTP:
        """Make the session of one connection."""
        return SMTP(self.handler, hostname=self._hostname, tls_context=self._tls, ident="ESMTP", enable_SMTPUTF8=True)


class LmtpServer(UnixSocketController):
    """A message store behind a UNIX socket."""

    def factory(self) -> LMTP:
        """Make the session of one connection."""
        return LMTP(self.handler, hostname="store.sender.test", ident="LMTP")


async def _greet(banner: Banner, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    if banner.greeting:
        writer.write(f"{banner.greeting}\r\n".encode())
    if banner.hangs:
        await asyncio.sleep(60)
    writer.close()


async def _serve_banners() -> None:
    for banner in BANNERS:
        await asyncio.start_server(lambda *streams, banner=banner: _greet(banner, *streams), banner.address, 25)


def start(folder: Path, certificate: Path, key: Path) -> None:
    """Start everything in threads of this process; the namespace ends them."""
    for tcp in (False, True):
        DNSServer(Names(), port=53, address="127.0.0.1", tcp=tcp, logger=DNSLogger("error")).start_thread()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    record = Record(folder / "farside.jsonl")
    for sink in SINKS:
        Server(Script(sink.provider, record), sink, 25, tls).start()
    Server(ContentFilter(), Sink("filter", "127.0.0.1", "filter.sender.test", tls=False), FILTER_PORT, None).start()
    _start_lmtp(folder / "lmtp.sock", record)
    loop: Any = asyncio.new_event_loop()
    loop.run_until_complete(_serve_banners())
    threading.Thread(target=loop.run_forever, daemon=True).start()


def _start_lmtp(socket: Path, record: Record) -> None:
    LmtpServer(Script("store", record), unix_socket=str(socket)).start()
    socket.chmod(0o666)  # the MTA connects as its own user
