"""Synthetic traffic: messages and what became of each recipient, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.bench.replies import deferrals, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.replies import Reply

SENDING_IPS = tuple(f"198.51.100.{last}" for last in range(10, 18))
STARTS_AT = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
SECONDS_BETWEEN_MESSAGES = 0.35
REFUSED, TROUBLED = 0.03, 0.08  # 3 % bounce at once, 5 % are deferred first
EXPIRES = 0.1  # of those that are deferred
TRIES_BEFORE_EXPIRY = 6
RETRY_SECONDS = (300, 600, 1200, 2400, 4000)
SEVERAL_RECIPIENTS = 0.04


@dataclass(frozen=True, slots=True)
class Domain:
    """A receiving domain with its share of the traffic."""

    name: str
    share: float
    mx: str
    network: str
    provider: str = ""


DOMAINS = (
    Domain("gmail.com", 0.38, "gmail-smtp-in.l.google.com", "142.250.1", "google"),
    Domain("outlook.com", 0.14, "outlook-com.olc.protection.outlook.com", "52.101.8", "microsoft"),
    Domain("hotmail.com", 0.08, "hotmail-com.olc.protection.outlook.com", "52.101.9", "microsoft"),
    Domain("yahoo.com", 0.12, "mta5.am0.yahoodns.net", "67.195.204", "yahoo"),
    Domain("icloud.com", 0.05, "mx01.mail.icloud.com", "17.57.154"),
    Domain("aol.com", 0.03, "mx-aol.mail.gm0.yahoodns.net", "67.195.228", "yahoo"),
    *(Domain(f"corp{n}.example", 0.2 / 2000, f"mx{n % 3}.corp{n}.example", "203.0.113") for n in range(2000)),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try for one recipient, or the giving up (outcome `expired`, no reply)."""

    time: float
    recipient: str
    outcome: str  # delivered, deferred, bounced, expired
    reply: Reply | None
    text: str  # the reply, filled in


@dataclass(frozen=True, slots=True)
class Message:
    """One message, to one or more recipients of one domain, through one sending IP."""

    number: int
    time: float
    size: int
    domain: Domain
    address: int  # index into SENDING_IPS
    relay_ip: str
    token: str  # 20 hexadecimal digits to make ids of
    attempts: tuple[Attempt, ...]


class Traffic:
    """An endless stream of messages in the order of their arrival."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._shares = [sum(d.share for d in DOMAINS[: n + 1]) for n in range(len(DOMAINS))]

    def __iter__(self) -> Iterator[Message]:
        time, number = STARTS_AT, 0
        while True:
            time += self._random.expovariate(1 / SECONDS_BETWEEN_MESSAGES)
            number += 1
            yield self._message(number, time)

    def _message(self, number: int, time: float) -> Message:
        domain = self._random.choices(DOMAINS, cum_weights=self._shares)[0]
        address = self._random.randrange(len(SENDING_IPS))
        several = self._random.random() < SEVERAL_RECIPIENTS
        # Numbered in turn: PowerMTA's file has no queue id, so one recipient must not appear twice in a second.
        recipients = [f"user{number}.{n}@{domain.name}" for n in range(3 if several else 1)]
        return Message(
            number=number,
            time=time,
            size=self._random.randrange(2500, 90000),
            domain=domain,
            address=address,
            relay_ip=f"{domain.network}.{self._random.randrange(2, 250)}",
            token=f"{self._random.getrandbits(80):020X}",
            attempts=self._attempts(time, domain, SENDING_IPS[address], recipients),
        )

    def _attempts(self, arrival: float, domain: Domain, ip: str, recipients: list[str]) -> tuple[Attempt, ...]:
        time = arrival + self._random.uniform(0.3, 3)
        kind = self._random.random()
        if kind < REFUSED:
            return tuple(self._failure(time, r, "bounced", refusals(domain.provider), ip) for r in recipients)
        if kind < TROUBLED:
            return tuple(self._deferred(time, domain, ip, recipients))
        return self._delivered(time, recipients)

    def _deferred(self, time: float, domain: Domain, ip: str, recipients: list[str]) -> Iterator[Attempt]:
        expires = self._random.random() < EXPIRES
        for _ in range(TRIES_BEFORE_EXPIRY if expires else self._random.randint(1, 3)):
            for recipient in recipients:
                yield self._failure(time, recipient, "deferred", deferrals(domain.provider), ip)
            time += self._random.choice(RETRY_SECONDS) * self._random.uniform(0.9, 1.1)
        if expires:
            yield from (Attempt(time, recipient, "expired", None, "") for recipient in recipients)
        else:
            yield from self._delivered(time, recipients)

    def _failure(self, time: float, recipient: str, outcome: str, choice: tuple[Reply, ...], ip: str) -> Attempt:
        reply = self._random.choice(choice)
        token = f"{self._random.getrandbits(48):012x}"
        return Attempt(time, recipient, outcome, reply, reply.text.format(rcpt=recipient, ip=ip, token=token))

    def _delivered(self, time: float, recipients: list[str]) -> tuple[Attempt, ...]:
        text = f"250 2.0.0 Ok: queued as {self._random.getrandbits(40):010X}"
        return tuple(Attempt(time, recipient, "delivered", None, text) for recipient in recipients)
