"""Fault 25: 1,000 forged bounces; wrong or expired VERP signatures; replayed bounces: nobody is suppressed."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect
from logbounce.verp import Key, Signer
from tests.faults import inside
from tests.unit.ingest.bounces import complaint, dsn
from tests.unit.ingest.logs import arrival, attempt, removed

if TYPE_CHECKING:
    from pathlib import Path

SECRET = b"nobody else has this one"
OURS = Signer("b+", "bounces.example", (Key("a", SECRET),))
THEIRS = Signer("b+", "bounces.example", (Key("a", b"a guess of the same length"),))
TODAY = dt.datetime.now(dt.UTC).date()
PEOPLE = [f"u{number}@example.org" for number in range(50)]
COUNT = 1_000
RELATIONS = (
    "select * exclude (source_offset) from attempts order by all",
    "from outcomes order by all",
    "from suppressions order by all",
    "from suppression_ledger order by all",
    "from complaints order by all",
    "from recipients order by all",
    "from rates_by_provider order by all",
)
# Of what comes later, and of what is dated before it too: the policy looks at evidence after a release only.
RELEASE = """
insert into suppression_ledger (decided_at, action, address, stream, reason)
values (timestamp '2026-11-20 00:00:00', 'release', $1, '', 'manual')
"""
SETTINGS = """\
database: logbounce.duckdb
verp:
  domain: bounces.example
  keys: [{name: a, secret_file: secret}]
"""


class Attacked:
    """A sender with a log of mail that was delivered, and a Maildir that anybody can write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.maildir = folder / "Maildir"
        for part in ("tmp", "new", "cur"):
            (self.maildir / part).mkdir(parents=True)
        (folder / "logbounce.yaml").write_text(SETTINGS)
        (folder / "secret").write_bytes(SECRET)
        for private in ("logbounce.yaml", "secret"):
            (folder / private).chmod(0o600)
        sent = [
            line
            for number, person in enumerate(PEOPLE)
            for line in (
                *arrival(number, f"4TX{number:04X}"),
                attempt(number + 1, f"4TX{number:04X}", person),
                removed(number + 2, f"4TX{number:04X}"),
            )
        ]
        (folder / "mail.log").write_text("".join(f"{line}\n" for line in sent))
        assert inside.run(folder, "ingest", "mail.log").returncode == 0
        self._count = 0

    def fetch(self, *messages: bytes) -> None:
        """Deliver messages, and fetch them."""
        for raw in messages:
            self._count += 1
            (self.maildir / "new" / f"{self._count:06}.test").write_bytes(raw)
        done = inside.run(self.folder, "fetch", "Maildir")
        assert (done.returncode, done.stderr) == (0, "")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with connect(self.folder / "logbounce.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def release(self, address: str) -> None:
        """Have somebody say that the address may be mailed again."""
        with connect(self.folder / "logbounce.duckdb") as connection:
            connection.execute(RELEASE, [address])

    def told(self) -> list[list[tuple[Any, ...]]]:
        """Return all that a forged message must not change."""
        return [self.query(sql) for sql in RELATIONS]


@pytest.fixture
def attacked(tmp_path: Path) -> Attacked:
    return Attacked(tmp_path)


def forged(number: int, chance: random.Random) -> bytes:
    """Return what somebody writes who knows our addresses, and how our servers and we write, but no secret."""
    person = chance.choice(PEOPLE)
    known = {"mta": "mx1", "queue_id": f"4TX{chance.randrange(100, 16**4):04X}", "message_id": f"{number}@evil.example"}
    kinds = [
        lambda: dsn(person, **known),
        lambda: dsn(person, queue_id=known["queue_id"], mta="mx.evil.example"),
        lambda: dsn("eve@example.org", original="eve@example.org", message_id="4TX0001@sender.example"),
        lambda: dsn(person, to=THEIRS.sign(person, TODAY)),
        lambda: dsn(person, to=OURS.sign(person, TODAY - dt.timedelta(days=31 + number))),
        lambda: dsn(person, to=OURS.sign("eve@example.org", TODAY).replace("eve", person.partition("@")[0])),
        lambda: dsn(person, to=f"list-bounces+{person.replace('@', '=')}@sender.example"),
        lambda: complaint(recipient=person, message_id=f"{number}@evil.example"),
        lambda: complaint(recipient=person, to=THEIRS.sign(person, TODAY)),
    ]
    return f"X-Number: {number}\r\n".encode() + kinds[number % len(kinds)]()


def test_a_thousand_forged_bounces_change_nothing(attacked: Attacked) -> None:
    before = attacked.told()
    chance = random.Random(25)  # noqa: S311 - the same ones each time
    attacked.fetch(*(forged(number, chance) for number in range(COUNT)))
    assert attacked.told() == before
    assert attacked.query("select proved, count(*) from dsn_reports group by all") == [(False, COUNT)]


def test_one_among_them_is_ours(attacked: Attacked) -> None:
    """So what the others fail at is not that nothing is ever believed."""
    chance = random.Random(26)  # noqa: S311 - likewise
    many = [forged(number, chance) for number in range(50)]
    attacked.fetch(*many[:25], dsn(PEOPLE[7], to=OURS.sign(PEOPLE[7], TODAY)), *many[25:])
    assert attacked.query("select address from suppressions") == [(PEOPLE[7],)]


def test_a_bounce_is_sent_again(attacked: Attacked) -> None:
    """As it was, and with other headers, dates, recipients and Message-IDs around the same address."""
    address = OURS.sign(PEOPLE[7], TODAY)
    first = dsn(PEOPLE[7], to=address, message_id="4TX0007@sender.example")
    attacked.fetch(first)
    attacked.release(PEOPLE[7])
    before = attacked.told()
    later = dt.datetime.now(dt.UTC)
    attacked.fetch(
        first,
        *(dsn(PEOPLE[7], to=address, message_id="4TX0007@sender.example", note=str(number)) for number in range(20)),
        *(dsn(PEOPLE[8], to=address, message_id=f"{number}@evil.example", time=later) for number in range(20)),
        *(dsn(PEOPLE[7], message_id="4TX0007@sender.example", time=later, note=str(number)) for number in range(20)),
    )
    assert attacked.told() == before
