"""The truth of the live tests: what becomes of each recipient of each message, by Postfix and where it differs by Exim.

A message is one transaction, with all cases of its name as its recipients and `<name@sender.test>` as its Message-ID.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Outcome = Literal["delivered", "deferred", "bounced", "expired", "relayed"]

NEWS = "news@sender.test"
BURST = 40


@dataclass(frozen=True, kw_only=True)
class Case:
    """One recipient of one message, and its end."""

    message: str
    recipient: str
    outcome: Outcome | None  # None: refused when it came in, so there is no attempt
    status: str | None = None
    code: int | None = None
    subject: str = "test"
    tries: int = 1
    or_more: bool = False
    sender: str = NEWS
    entry: str = "smtp"  # smtp, filter, submission, postscreen, sendmail, probe, no-delivery
    options: tuple[str, ...] = ()  # of MAIL
    notify: tuple[str, ...] = ()  # options of RCPT
    given: tuple[str, ...] = ()  # the recipients that are given, where the MTA makes this one of them
    stored: str = ""  # the recipient as logbounce keeps it
    original: str | None = None
    source_ip: str | None = None
    relay: str | None = None
    says: str = ""  # in the response
    why: str = ""
    exim: dict[str, Any] | None = field(default_factory=dict)  # what differs; None: this case is for Postfix only
    postfix: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """Message-ID and recipient, as they identify an outcome here."""
        return f"{self.message}@sender.test", self.address.lower()

    def label(self) -> str:
        """Name the case in a test's name."""
        return f"{self.message}:{self.recipient}:{self.outcome}"

    @property
    def address(self) -> str:
        """The recipient as logbounce keeps it."""
        return self.stored or self.recipient

    @property
    def recipients(self) -> tuple[str, ...]:
        """What is given to the MTA."""
        return self.given or (self.recipient,)


def _ok(message: str, recipient: str, **more: Any) -> Case:  # noqa: ANN401 - any field of Case
    return Case(message=message, recipient=recipient, outcome="delivered", status="2.0.0", code=250, **more)


def _bounced(message: str, recipient: str, status: str, code: int | None, **more: Any) -> Case:  # noqa: ANN401 - any field of Case
    return Case(message=message, recipient=recipient, outcome="bounced", status=status, code=code, **more)


def _expired(message: str, recipient: str, status: str, code: int | None, **more: Any) -> Case:  # noqa: ANN401 - any field of Case
    at_least = more.pop("tries", 2)
    return Case(
        message=message,
        recipient=recipient,
        outcome="expired",
        status=status,
        code=code,
        tries=at_least,
        or_more=True,
        **more,
    )


def _relayed(message: str, recipient: str, **more: Any) -> Case:  # noqa: ANN401 - any field of Case
    """Postfix's hop to an alias or a filter, which Exim does not have."""
    return Case(message=message, recipient=recipient, outcome="relayed", status="2.0.0", exim=None, **more)


NO_STATUS = {"status": None, "code": None}

CASES = (
    _ok("ok", "ok@gmail.com", source_ip=None),
    _bounced(
        "nouser-gmail",
        "nouser@gmail.com",
        "5.1.1",
        550,
        says="double-checking the recipient's",
        why="a reply of four lines",
    ),
    _bounced("nouser-outlook", "nouser@outlook.com", "5.5.0", 550),
    _bounced(
        "plain",
        "plain@example.org",
        "5.0.0",
        550,
        why="no enhanced status: Postfix makes one up",
        exim={"status": None},
    ),
    _ok("grey", "grey@example.org", tries=2, why="450 first"),
    _expired("full", "full@gmail.com", "4.2.2", 452, why="each try asks two hosts"),
    _bounced("hardfull", "hardfull@example.org", "5.2.2", 552),
    _bounced("spam", "spam@gmail.com", "5.7.1", 550, says="likely unsolicited", why="three lines at the end of DATA"),
    _bounced("blocked", "blocked@example.org", "5.7.1", 554),
    _bounced(
        "injection",
        "injection@example.org",
        "5.1.1",
        550,
        says="victim@example.org",
        why="a reply that looks like our own log",
    ),
    _expired("ts", "ts@yahoo.com", "4.7.0", 421),
    _bounced("badfrom", "ok@example.org", "5.7.1", 550, sender="badfrom@sender.test", why="refused at MAIL FROM"),
    _expired(
        "refused",
        "a@refused.example",
        "4.4.1",
        None,
        tries=1,
        exim=NO_STATUS,
        why="Exim may end it with `all hosts ... have been failing for a long time`",
    ),
    _bounced("nxdomain", "a@nxdomain.example", "5.4.4", None, exim=NO_STATUS, why="Exim: Unrouteable address, no H="),
    _expired("servfail", "a@servfail.example", "4.4.3", None, exim=NO_STATUS),
    _bounced("nullmx", "a@nullmx.example", "5.1.0", None, exim=NO_STATUS),
    _bounced("loop", "a@loop.example", "5.4.6", None, exim=None),
    _expired(
        "greet",
        "a@greet.example",
        "4.0.0",
        554,
        why="Postfix defers a 554 banner, Exim bounces",
        exim={"outcome": "bounced", "status": None, "tries": 1, "or_more": False},
    ),
    _expired("greet4", "a@greet4.example", "4.7.0", 421, says="Try again later", why="a banner"),
    _expired("drop", "a@drop.example", "4.4.2", None, exim=NO_STATUS),
    _expired("timeout", "a@timeout.example", "4.4.2", None, exim=NO_STATUS),
    _ok("notls", "ok@notls.example"),
    _ok("many", "r1@gmail.com"),
    _ok("many", "r2@gmail.com"),
    _bounced("many", "nouser3@gmail.com", "5.1.1", 550),
    _ok("many", "r4@yahoo.com"),
    _ok("many", "r5@outlook.com"),
    _ok("many", "grey2@example.org", tries=2),
    _bounced("many", "nouser6@example.org", "5.1.1", 550),
    _ok(
        "ip-name",
        "ok@gmail.com",
        sender="ip2@sender.test",
        source_ip="127.0.20.2",
        why="postfix-127.0.20.2/smtp",
        exim={"source_ip": None},
    ),
    _bounced(
        "ip-name",
        "nouser@gmail.com",
        "5.1.1",
        550,
        sender="ip2@sender.test",
        source_ip="127.0.20.2",
        exim={"source_ip": None},
    ),
    _ok("ip-map", "ok@yahoo.com", sender="ip3@sender.test", why="postfix-ip1/smtp"),
    _bounced("ip-map", "nouser@yahoo.com", "5.1.1", 550, sender="ip3@sender.test"),
    _ok("submission", "ok@gmail.com", entry="submission", exim=None, why="postfix/submission/smtpd"),
    _relayed("alias", "list@local.test", why="forwarded as NEWID"),
    _ok(
        "alias",
        "ok@gmail.com",
        entry="",
        given=("list@local.test",),
        original="list@local.test",
        exim={"entry": "smtp"},
        why="Exim has no second queue id",
    ),
    _bounced("alias", "nouser@outlook.com", "5.5.0", 550, entry="", original="list@local.test"),
    _bounced("local-unknown", "nobody-here@local.test", "5.1.1", None, says="unknown user", exim=NO_STATUS),
    Case(
        message="local-mailbox",
        recipient="reader@sender.test",
        outcome="delivered",
        status="2.0.0",
        exim={"status": None},
    ),
    _bounced(
        "verp",
        "nouserv@example.org",
        "5.1.1",
        550,
        sender="owner-list@sender.test",
        options=("XVERP=+=",),
        exim={"sender": "owner-list+nouserv=example.org@sender.test", "options": ()},
    ),
    _ok("verp", "v1@gmail.com", sender="owner-list@sender.test", options=("XVERP=+=",), exim=None),
    _bounced(
        "null-sender",
        "nouser@example.org",
        "5.1.1",
        550,
        sender="",
        exim={"tries": 2},
        why="no DSN; Exim freezes the message, thaws it and tries again",
    ),
    Case(message="denied", recipient="denied@gmail.com", outcome=None, why="NOQUEUE: reject"),
    Case(message="denied-by-postscreen", recipient="ok@gmail.com", outcome=None, entry="postscreen", exim=None),
    _ok("quoted", '"odd, name"@example.org'),
    _ok("quoted", '"a\\"b> (c)"@example.org'),
    _ok("quoted", "UPPER.Case+tag@GMAIL.com", stored="UPPER.Case+tag@gmail.com"),
    _ok("unicode", "jörg@bücher.example", stored="jörg@xn--bcher-kva.example", options=("SMTPUTF8",)),
    _bounced(
        "unicode",
        "nouser-é@bücher.example",
        "5.1.1",
        550,
        stored="nouser-é@xn--bcher-kva.example",
        options=("SMTPUTF8",),
    ),
    _ok(
        "twice",
        "twice@gmail.com",
        given=("twice@gmail.com", "twice@gmail.com"),
        why="given twice in one transaction: delivered once",
    ),
    _ok(
        "merged",
        "merged@gmail.com",
        given=("one@aliases.test", "two@aliases.test"),
        tries=2,
        exim={"tries": 1},
        why="two addresses that become one: Postfix gives it twice to the far side",
    ),
    _ok(
        "chain",
        "chained@gmail.com",
        given=("chain@aliases.test",),
        original="chain@aliases.test",
        why="Exim's all_parents shows each step",
    ),
    _ok(
        "subject",
        "ok@gmail.com",
        subject='" => victim@example.org R=dnslookup T=smtp',
        why="a subject, which Exim can log, that looks like its log",
    ),
    Case(
        message="notify",
        recipient="notify@gmail.com",
        outcome="delivered",
        status="2.0.0",
        code=250,
        notify=("NOTIFY=SUCCESS,DELAY",),
        why="a success DSN is our own",
    ),
    _ok("sendmail", "p@gmail.com", sender="app@sender.test", entry="sendmail"),
    _relayed("filter", "viafilter@example.org", code=250, entry="filter", relay="127.0.0.1"),
    _ok("filter", "viafilter@example.org", entry="", exim=None, why="the second queue id is the delivery"),
    _relayed("filter", "nouser-f@example.org", code=250, entry="filter", relay="127.0.0.1"),
    _bounced("filter", "nouser-f@example.org", "5.1.1", 550, entry="", exim=None, why="the first queue id says sent"),
    Case(message="lmtp", recipient="box@lmtp.test", outcome="delivered", status="2.0.0", code=250),
    _bounced("lmtp", "nouser@lmtp.test", "5.1.1", 550),
    Case(message="pipe", recipient="box@pipe.test", outcome="delivered", status="2.0.0", exim={"status": None}),
    _bounced("pipe-unknown", "nouser@pipe.test", "5.1.1", None, exim=NO_STATUS),
    _expired("pipe-busy", "busy@pipe.test", "4.3.0", None, exim=NO_STATUS),
    _bounced("error", "a@error.test", "5.1.2", None, says="not ours", entry="sendmail", exim=None),
    Case(
        message="force",
        recipient="full-force@gmail.com",
        outcome="expired",
        status="4.2.2",
        code=452,
        or_more=True,
        sender="force@sender.test",
        exim=None,
    ),
    Case(
        message="cancelled",
        recipient="full-cancelled@gmail.com",
        outcome="expired",
        status="4.2.2",
        code=452,
        sender="cancel@sender.test",
        postfix=False,
        or_more=True,
        why="`cancelled by root` names no recipient",
    ),
    _ok("cutthrough", "cut@gmail.com", sender="cut@sender.test", postfix=False, why=">>"),
    Case(
        message="no-delivery",
        recipient="skip@gmail.com",
        outcome=None,
        entry="no-delivery",
        postfix=False,
        why="*> is a delivery that -N suppressed",
    ),
    *(_ok(f"burst{number}", f"burst{number}@notls.example", entry="burst") for number in range(BURST)),
    Case(
        message="suspended",
        recipient="b@refused.example",
        outcome="expired",
        status="4.4.1",
        tries=0,
        or_more=True,
        exim=NO_STATUS,
        why="`delivery temporarily suspended` is no try",
    ),
)
PROBES = ("ok@gmail.com", "nouser@example.org")  # sendmail -bv: status=deliverable and undeliverable are no attempts


def steady(number: int) -> Case:
    """Give one of the messages that keep a log moving: each third has no such recipient."""
    if number % 3:
        return _ok(f"steady{number}", f"ok{number}@gmail.com")
    return _bounced(f"steady{number}", f"nouser{number}@gmail.com", "5.1.1", 550)


def cases_for(mta: str) -> tuple[Case, ...]:
    """Give the cases of one MTA, with its differences."""
    if mta == "postfix":
        return tuple(case for case in CASES if case.postfix)
    return tuple(replace(case, **case.exim) for case in CASES if case.exim is not None)


def messages(cases: tuple[Case, ...]) -> Iterator[list[Case]]:
    """Give the recipients of each message to inject; a case without an entry comes of another."""
    for _, group in itertools.groupby(
        (case for case in cases if case.entry), key=lambda case: (case.message, case.entry)
    ):
        yield list(group)
