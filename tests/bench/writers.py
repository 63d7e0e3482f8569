"""One message of the traffic as each MTA would log it: pairs of time and line."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from tests.bench.replies import NO_CONNECTION
from tests.bench.traffic import SENDING_IPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.traffic import Attempt, Message

SENDER = "bounces@news.sender.example"
CLIENT = "app1.sender.example[10.0.0.5]"
PMTA_COLUMNS = (
    "type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,"
    "dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool"
)
MESSAGES_IN_A_JOB = 20000


@lru_cache(maxsize=100_000)
def _stamp(second: int, form: str) -> str:
    return datetime.fromtimestamp(second, UTC).strftime(form)


def postfix(message: Message) -> Iterator[tuple[float, str]]:
    """Write RFC 3164 lines; the sending IP shows only in the instance's name."""
    queue_id = message.token[:11]
    instance = f"postfix-ip{message.address + 1}"
    active = f"from=<{SENDER}>, size={message.size}, nrcpt={_recipients(message)} (queue active)"

    def line(time: float, program: str, text: str) -> tuple[float, str]:
        return time, f"{_stamp(int(time), '%b %e %H:%M:%S')} mx1 {program}[{4000 + message.address}]: {text}"

    yield line(message.time, "postfix/smtpd", f"connect from {CLIENT}")
    yield line(message.time, "postfix/smtpd", f"{queue_id}: client={CLIENT}")
    yield line(message.time, "postfix/cleanup", f"{queue_id}: message-id=<{_message_id(message)}>")
    yield line(message.time, "postfix/qmgr", f"{queue_id}: {active}")
    yield line(message.time, "postfix/smtpd", f"disconnect from {CLIENT} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5")
    for turn, (time, group) in enumerate(groupby(message.attempts, key=attrgetter("time"))):
        attempts = list(group)
        if attempts[0].outcome == "expired":
            yield line(time, "postfix/qmgr", f"{queue_id}: from=<{SENDER}>, status=expired, returned to sender")
            continue
        if turn:
            yield line(time - 0.5, "postfix/qmgr", f"{queue_id}: {active}")
        for attempt in attempts:
            yield from _postfix_attempt(message, attempt, f"{instance}/smtp", line)
    ends_at = message.attempts[-1].time
    if message.attempts[-1].outcome != "delivered":
        yield from _postfix_own_bounce(message, ends_at, line)
    yield line(ends_at, "postfix/qmgr", f"{queue_id}: removed")


def _postfix_attempt(
    message: Message, attempt: Attempt, program: str, line: Callable[[float, str, str], tuple[float, str]]
) -> Iterator[tuple[float, str]]:
    relay = f"{message.domain.mx}[{message.relay_ip}]"
    seconds = attempt.time - message.time
    total = f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"
    delay = f"delay={total}, delays={total}/0.01/0.12/0.35"
    start = f"{message.token[:11]}: to=<{attempt.recipient}>, relay="
    if attempt.reply is None:
        yield line(attempt.time, program, f"{start}{relay}:25, {delay}, dsn=2.0.0, status=sent ({attempt.text})")
        return
    end = f"{delay}, dsn={attempt.reply.enhanced}, status={attempt.outcome}"
    if attempt.text == NO_CONNECTION:
        reason = f"connect to {relay}:25: {NO_CONNECTION}"
        yield line(attempt.time, program, reason)
        yield line(attempt.time, program, f"{start}none, {end} ({reason})")
        return
    said = f"host {relay} said: {attempt.text} (in reply to {attempt.reply.stage} command)"
    yield line(attempt.time, program, f"{start}{relay}:25, {end} ({said})")


def _postfix_own_bounce(
    message: Message, time: float, line: Callable[[float, str, str], tuple[float, str]]
) -> Iterator[tuple[float, str]]:
    own = message.token[9:]
    delivery = "relay=virtual, delay=0.01, delays=0/0/0/0.01, dsn=2.0.0, status=sent (delivered to maildir)"
    yield line(time, "postfix/cleanup", f"{own}: message-id=<20260901.{own}@mx1.sender.example>")
    yield line(time, "postfix/bounce", f"{message.token[:11]}: sender non-delivery notification: {own}")
    yield line(time, "postfix/qmgr", f"{own}: from=<>, size=4321, nrcpt=1 (queue active)")
    yield line(time, "postfix/virtual", f"{own}: to=<{SENDER}>, {delivery}")
    yield line(time, "postfix/qmgr", f"{own}: removed")


def exim(message: Message) -> Iterator[tuple[float, str]]:
    """Write mainlog lines; the sending IP shows in I= and in the transport's name."""
    exim_id = _exim_id(message.token)

    def line(time: float, text: str, log_id: str = exim_id) -> tuple[float, str]:
        return time, f"{_stamp(int(time), '%Y-%m-%d %H:%M:%S')} {log_id} {text}"

    yield line(
        message.time,
        f"<= {SENDER} H=app1.sender.example [10.0.0.5] P=esmtp S={message.size} id={_message_id(message)}",
    )
    flag = "=>"
    for attempt in message.attempts:
        yield line(attempt.time, _exim_attempt(message, attempt, flag))
        flag = "->" if attempt.outcome == "delivered" else "=>"  # further recipients of the same delivery
    ends_at = message.attempts[-1].time
    if message.attempts[-1].outcome != "delivered":
        own = _exim_id(message.token[::-1])
        yield line(ends_at, f"<= <> R={exim_id} U=Debian-exim P=local S=4321", own)
        yield line(ends_at, f"=> inbox <{SENDER}> R=inbox T=maildir", own)
        yield line(ends_at, "Completed", own)
    yield line(ends_at, "Completed")


def _exim_id(token: str) -> str:
    return f"1{token[:5]}-{token[5:11]}-{token[11:13]}"


def _exim_attempt(message: Message, attempt: Attempt, flag: str) -> str:
    host = f"H={message.domain.mx} [{message.relay_ip}]"
    route = f"{attempt.recipient} R=dnslookup T=remote_smtp_{message.address + 1}"
    tls = f"{host} I=[{SENDING_IPS[message.address]}]:25 X=TLS1.3:ECDHE_RSA_AES_256_GCM_SHA384:256 CV=yes"
    if attempt.outcome == "delivered":
        return f'{flag} {route} {tls} C="{attempt.text}" QT={int(attempt.time - message.time)}s DT=1s'
    if attempt.reply is None:
        return f"** {attempt.recipient}: retry timeout exceeded"
    stage = {"RCPT TO": f"RCPT TO:<{attempt.recipient}>", "MAIL FROM": f"MAIL FROM:<{SENDER}>"}.get(
        attempt.reply.stage, "end of data"
    )
    said = f"SMTP error from remote mail server after {stage}: {attempt.text}"
    if attempt.outcome == "bounced":
        return f"** {route} {tls}: {said}"
    if attempt.text == NO_CONNECTION:
        return f"== {route} defer (110): {NO_CONNECTION} {host}"
    return f"== {route} defer (-44) {host}: {said}"


def powermta(message: Message) -> Iterator[tuple[float, str]]:
    """Write rows of the accounting file, with the columns in PMTA_COLUMNS."""
    for attempt in message.attempts:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(_powermta_row(message, attempt))
        yield attempt.time, out.getvalue()


def _powermta_row(message: Message, attempt: Attempt) -> list[object]:
    kind, action = {"delivered": ("d", "relayed"), "deferred": ("t", "delayed")}.get(attempt.outcome, ("b", "failed"))
    status, category, diagnostic = "2.0.0 (success)", "", attempt.text
    if attempt.outcome == "expired":
        status, category, diagnostic = "4.4.7 (delivery time expired)", "message-expired", "delivery time expired"
    elif attempt.reply is not None:
        status, category = f"{attempt.reply.enhanced} (undefined status)", attempt.reply.pmta_category
    ip = SENDING_IPS[message.address]
    form = "%Y-%m-%d %H:%M:%S+0000"
    return [
        *(kind, _stamp(int(attempt.time), form), _stamp(int(message.time), form), SENDER, attempt.recipient, ""),
        *(action, status, f"smtp;{diagnostic}", f"{message.domain.mx} ({message.relay_ip})", category),
        *("smtp", "app1.sender.example (10.0.0.5)", "smtp", ip, message.relay_ip),
        *("ENHANCEDSTATUSCODES,PIPELINING,8BITMIME,SIZE,STARTTLS", message.size, f"vmta-{ip}"),
        *(f"job{message.number // MESSAGES_IN_A_JOB}", "", f"{message.domain.name}/vmta-{ip}", "pool-a"),
    ]


def _recipients(message: Message) -> int:
    return len({attempt.recipient for attempt in message.attempts})


def _message_id(message: Message) -> str:
    return f"{message.number}@news.sender.example"
