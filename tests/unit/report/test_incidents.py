"""What alarms and, more often, what must not."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest

from logbounce.database import memory
from logbounce.report import Period, build
from logbounce.rules import load_rules, publish
from tests.unit.escalate.histories import Attempt, after, bounced, delivered, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

DAY = 24
NOW = 8 * DAY  # hours of normal mail before what a test is about
IPS = ("198.51.100.10", "198.51.100.11")
PROVIDERS = ("google", "yahoo", "apple")
USUAL = NOW * 10 + len(range(4, NOW, 10))  # of one IP at google, which has one more in each tenth hour
COLUMNS = "alert_id, scope_value, n, failed, category, ongoing"


def normal(hours: Iterable[int], number: int = 10) -> list[Attempt]:
    """Return mail of each IP to each provider in each hour, of which every hundredth is refused as unknown."""
    found: list[Attempt] = []
    for hour, ip, provider in itertools.product(hours, IPS, PROVIDERS):
        found += [delivered(after(hour), source_ip=ip, provider=provider) for _ in range(number)]
        if (hour + len(provider)) % 10 == 0:
            found.append(bounced(after(hour), source_ip=ip, provider=provider))
    return found


def refused(hour: float, number: int, act: str = "B", **columns: object) -> list[Attempt]:
    """Return refusals, by default for the reputation of the first IP at google, of as many messages."""
    category = {"B": "reputation-block", "H": "bad-mailbox", "S3": "no-answer"}[act]
    return [bounced(after(hour), act, **{"category": category, **columns}) for _ in range(number)]


@pytest.fixture(scope="module")
def past() -> DuckDBPyConnection:
    """Return eight normal days and the shipped alerts, kept apart: to make them again for each test takes longer."""
    connection = memory()
    publish(connection, load_rules())
    store(connection, normal(range(NOW)))
    connection.execute("create temp table past_attempts as from attempt_rows")
    connection.execute("create temp table past_alerts as from alert_thresholds")
    return connection


@pytest.fixture
def history(past: DuckDBPyConnection) -> DuckDBPyConnection:
    """Return eight normal days under the shipped alerts."""
    for table, kept in (("attempt_rows", "past_attempts"), ("alert_thresholds", "past_alerts")):
        past.execute(f"delete from {table}; insert into {table} from {kept}")  # noqa: S608 - the names stand here
    return past


def incidents(connection: DuckDBPyConnection, columns: str = COLUMNS) -> list[tuple[object, ...]]:
    return connection.execute(f"select {columns} from incidents order by first_time, alert_id, scope_value").fetchall()  # noqa: S608 - names of this file


def watch(connection: DuckDBPyConnection, measure: str, scope: str, factor: int = 3) -> None:
    """Watch only this."""
    connection.execute("delete from alert_thresholds")
    connection.execute(
        "insert into alert_thresholds values ('watched', $1, $2, 0.05, $3, 20, 10, 1, '')", [measure, scope, factor]
    )


# What alarms ----------------------------------------------------------------------------------------------------------


def test_a_blocklisting_of_one_ip_at_one_provider_for_three_hours(history: DuckDBPyConnection) -> None:
    store(history, normal(range(NOW, NOW + 12)))
    for hour in range(NOW, NOW + 3):
        store(history, refused(hour + 0.25, 30))
    wanted = f"{COLUMNS}, measure, scope, source_ip, provider, recipient_domain, sender_domain, sample, own_usual"
    assert incidents(history, wanted) == [
        (
            *("block-rate", "198.51.100.10 at google", 121, 90, "reputation-block", False),
            *("block", "source_ip_provider", "198.51.100.10", "google", None, None, "answer of act B", True),
        )
    ]
    ((first, last, rate, low, usual, n),) = incidents(history, "first_time, last_time, rate, low, usual_rate, usual_n")
    assert (first, last) == (after(NOW + 0.25), after(NOW + 2.25))
    assert (rate, low) == (90 / 121, pytest.approx(0.6594, abs=0.0001))
    assert (usual, n) == (0, USUAL)


def test_it_goes_on_until_an_hour_is_as_usual(history: DuckDBPyConnection) -> None:
    store(history, normal([NOW, NOW + 1]) + refused(NOW, 30) + refused(NOW + 1, 30))
    assert incidents(history) == [("block-rate", "198.51.100.10 at google", 80, 60, "reputation-block", True)]
    store(history, normal([NOW + 2], number=3))  # too few to say that it is over
    assert incidents(history, "ongoing") == [(True,)]
    store(history, normal([NOW + 3], number=40))
    assert incidents(history, "ongoing, n") == [(False, 80)]


def test_what_nobody_hears_of_for_a_day_is_over(history: DuckDBPyConnection) -> None:
    store(history, [*refused(NOW, 30), delivered(after(NOW + 23), provider="apple")])
    assert incidents(history, "ongoing") == [(True,)]
    store(history, [delivered(after(NOW + 25), provider="apple")])
    assert incidents(history, "ongoing") == [(False,)]


def test_two_days_of_trouble_with_a_quiet_day_between_are_two_incidents(history: DuckDBPyConnection) -> None:
    for hour in (NOW, NOW + 2, NOW + 30):
        store(history, refused(hour, 30))
    assert incidents(history, "n") == [(60,), (30,)]


def test_an_ip_that_many_refuse_is_listed(history: DuckDBPyConnection) -> None:
    domains = [f"small{number}.example" for number in range(30)]
    store(history, normal([NOW]))
    store(history, [one for domain in domains for one in refused(NOW, 2, provider=domain)])
    assert incidents(history) == [("listed-ip", "198.51.100.10", 90, 60, "reputation-block", True)]


def test_one_dead_list_is_one_incident_of_its_sender(history: DuckDBPyConnection) -> None:
    store(history, normal([NOW]))
    for ip, provider in itertools.product(IPS, PROVIDERS):
        store(history, refused(NOW, 20, "H", sender="club@dead.example", source_ip=ip, provider=provider))
    assert incidents(history) == [("hard-bounce-rate", "dead.example", 120, 120, "bad-mailbox", True)]


def test_a_dead_list_among_the_usual_mail_of_its_sender(history: DuckDBPyConnection) -> None:
    store(history, normal([NOW]) + refused(NOW, 40, "H"))
    assert incidents(history) == [("hard-bounce-rate", "sender.example", 100, 40, "bad-mailbox", True)]


def test_broken_authentication_of_a_sender_domain(history: DuckDBPyConnection) -> None:
    for ip, provider in itertools.product(IPS, PROVIDERS):
        to = {"source_ip": ip, "provider": provider, "sender": "shop@broken.example", "category": "auth-failure"}
        store(history, [bounced(after(NOW), "B", **to) for _ in range(9)])
    assert incidents(history) == [("auth-failure", "broken.example", 54, 54, "auth-failure", True)]


def test_servers_that_do_not_answer(history: DuckDBPyConnection) -> None:
    given_up = [Attempt(after(NOW), "expired", "S3", provider="yahoo", category="no-answer") for _ in range(150)]
    store(history, normal([NOW], number=20) + given_up)
    assert incidents(history) == [("soft-bounce-rate", "yahoo", 190, 150, "no-answer", True)]


def test_few_mails_an_hour_are_judged_together(history: DuckDBPyConnection) -> None:
    begin = NOW + 12  # midnight
    for hour in range(begin, begin + 10):
        store(history, refused(hour, 4, provider="t-online"))
    assert incidents(history, "scope_value, n, failed") == [("198.51.100.10 at t-online", 40, 40)]


def test_an_unknown_ip_is_one_too(history: DuckDBPyConnection) -> None:
    store(history, refused(NOW, 30, source_ip=None, provider="t-online"))
    found = incidents(history, "scope_value, source_ip, own_usual")
    assert found == [("(unknown) at t-online", None, False)]


def test_a_rate_that_was_high_already_can_rise(history: DuckDBPyConnection) -> None:
    watch(history, "block", "provider")
    for hour in range(NOW):
        store(history, refused(hour, 8, provider="t-online") + [delivered(after(hour), provider="t-online")] * 32)
    store(history, refused(NOW, 70, provider="t-online") + [delivered(after(NOW), provider="t-online")] * 30)
    assert incidents(history, "usual_rate, rate") == [(0.2, 0.7)]


@pytest.mark.parametrize(
    ("scope", "value"),
    [
        ("domain", "hit.example"),
        ("provider", "hit-provider"),
        ("source_ip", "192.0.2.1"),
        ("source_ip_provider", "192.0.2.1 at hit-provider"),
        ("sender_domain", "<>"),
    ],
)
@pytest.mark.parametrize(
    ("measure", "act", "category"),
    [
        ("failed", "H", None),
        ("hard", "H", None),
        ("soft", "S3", None),
        ("block", "B", None),
        ("spam", "B", "spam-content"),
        ("auth", "B", "auth-failure"),
        ("reputation", "B", "reputation-block"),
        ("hard_soft", "H", None),
    ],
)
def test_each_measure_of_each_scope(  # noqa: PLR0913, PLR0917 - two tables of cases
    history: DuckDBPyConnection, measure: str, act: str, category: str | None, scope: str, value: str
) -> None:
    watch(history, measure, scope)
    keys = {"domain": "hit.example", "provider": "hit-provider", "source_ip": "192.0.2.1", "sender_domain": "<>"}
    to = {"recipient": "x@hit.example", "provider": "hit-provider", "source_ip": "192.0.2.1", "sender": ""}
    if measure == "hard_soft":
        store(history, [bounced(after(hour), "S3") for hour in range(NOW) for _ in range(5)])
    store(history, [bounced(after(NOW), act, category=category, **to) for _ in range(20)])
    other = "H" if act == "B" else "B"
    store(history, [bounced(after(NOW), other, source_ip="192.0.2.2", recipient="x@other.example") for _ in range(9)])
    named = {"source_ip", "provider"} if scope == "source_ip_provider" else {scope}
    assert incidents(history, "scope_value, failed, recipient_domain, provider, source_ip, sender_domain") == [
        (value, 20, *(keys[key] if key in named else None for key in keys))
    ]


# What must not --------------------------------------------------------------------------------------------------------

QUIET: dict[str, Callable[[], list[Attempt]]] = {
    "one of three": lambda: refused(NOW, 1) + [delivered(after(NOW)) for _ in range(2)],
    "three of three": lambda: refused(NOW, 3),
    "a spike within noise": lambda: normal([NOW], number=40) + refused(NOW, 4),
    "greylisting": lambda: (
        [Attempt(after(NOW), act="S0", category="greylisted", delivery_id=9_000_000 + n) for n in range(300)]
        + [delivered(after(NOW + 0.2), delivery_id=9_000_000 + n) for n in range(300)]
    ),
    "mail that still waits": lambda: [Attempt(after(NOW), act="B", category="rate-limited") for _ in range(300)],
    "one message to many": lambda: refused(NOW, 40, message_id="big@sender.example", category="message-too-big"),
    "hops of our own": lambda: [Attempt(after(NOW), "relayed", None) for _ in range(300)],
    "a suspended queue": lambda: [Attempt(after(NOW), act="S3", suspended=True) for _ in range(300)],
}


@pytest.mark.parametrize("case", QUIET)
def test_no_alarm_for(case: str, history: DuckDBPyConnection) -> None:
    store(history, QUIET[case]())
    assert incidents(history) == []


def test_no_alarm_for_what_always_fails(history: DuckDBPyConnection) -> None:
    every = "select * replace (alert_id || scope as alert_id, 'domain' as scope) from alert_thresholds"
    history.execute(f"insert into alert_thresholds {every}")
    dead = {
        "recipient": "x@typo.example",
        "provider": "typo.example",
        "source_ip": "192.0.2.9",
        "sender": "a@old.example",
    }
    for hour in range(0, NOW + DAY, 2):
        store(history, [one for act in ("B", "H", "S3") for one in refused(hour, 30, act, **dead)])
    assert incidents(history) == []


def test_no_alarm_on_the_first_day() -> None:
    connection = memory()
    publish(connection, load_rules())
    store(connection, normal(range(DAY)))
    store(connection, refused(20, 300) + refused(20, 300, "H"))
    assert incidents(connection) == []
    store(connection, normal([DAY]) + refused(DAY, 300, source_ip=IPS[1], provider="apple"))
    assert incidents(connection, "alert_id, first_time, ongoing") == [("block-rate", after(DAY), True)]


def test_no_alarm_for_chance() -> None:
    """Three weeks of senders whose rates are what they always were, 0.5 to 4 %, by chance."""
    connection = memory()
    publish(connection, load_rules())
    chance = random.Random(20261122)  # noqa: S311 - no secret
    attempts: list[Attempt] = []
    for sender, (per_hour, rate) in enumerate(((60, 0.005), (25, 0.01), (120, 0.02), (10, 0.04))):
        to = {"sender": f"news@s{sender}.example", "source_ip": f"192.0.2.{sender}", "provider": f"p{sender}"}
        for hour in range(21 * DAY):
            for _ in range(chance.randrange(2 * per_hour)):
                bad, act = chance.random() < rate, chance.choice("BH")
                attempts.append(bounced(after(hour), act, **to) if bad else delivered(after(hour), **to))
    store(connection, attempts)
    assert len(attempts) > 90_000
    assert incidents(connection) == []


def test_who_is_new_is_held_against_everybody_for_a_day(history: DuckDBPyConnection) -> None:
    store(history, normal(range(NOW, NOW + 2 * DAY)))
    store(history, [one for hour in range(NOW, NOW + 2 * DAY) for one in refused(hour, 30, source_ip="192.0.2.7")])
    found = incidents(history, "alert_id, scope_value, last_time, own_usual, usual_rate, ongoing")
    assert found == [("block-rate", "192.0.2.7 at google", after(NOW + DAY - 1), False, 0, False)]


def test_a_mailing_of_every_week_is_held_against_the_last(history: DuckDBPyConnection) -> None:
    def mailing(hour: int) -> list[Attempt]:
        to = {"sender": "news@weekly.example"}
        return refused(hour, 30, "H", **to) + [delivered(after(hour), **to) for _ in range(300)]

    store(history, normal(range(NOW, NOW + 8 * DAY)) + mailing(NOW))
    first = incidents(history)
    assert [row[1] for row in first] == ["weekly.example"]
    store(history, mailing(NOW + 7 * DAY + 5))
    assert incidents(history) == first


def test_what_lasts_becomes_usual(history: DuckDBPyConnection) -> None:
    days = 6
    store(history, normal(range(NOW, NOW + days * DAY)))
    store(history, [one for hour in range(NOW, NOW + days * DAY) for one in refused(hour, 8)])
    found = incidents(
        history, "first_time, last_time between first_time + interval 1 day and first_time + interval 3 day"
    )
    assert found == [(after(NOW), True)]
    assert incidents(history, "ongoing") == [(False,)]


# Periods --------------------------------------------------------------------------------------------------------------


def test_a_period_has_the_incidents_that_touch_it(history: DuckDBPyConnection) -> None:
    store(history, normal(range(NOW, NOW + 9)))
    store(history, [one for hour in range(NOW, NOW + 4) for one in refused(hour, 30)])

    def within(since: float, until: float) -> list[tuple[object, ...]]:
        return history.execute(
            "select n, first_time, ongoing, usual_n from incidents_between($1, $2)", [after(since), after(until)]
        ).fetchall()

    assert within(NOW - DAY, NOW) == []
    assert within(NOW - DAY, NOW + 2) == [(80, after(NOW), True, USUAL)]
    assert within(NOW + 3, NOW + 9) == [(161, after(NOW), False, USUAL)]
    assert within(NOW + 4, NOW + 9) == []
    dates = history.execute("select n from incidents_between('2026-03-01', 'infinity')").fetchall()
    assert (
        dates
        == history.execute("select n from incidents_between(date '2026-03-01', 'infinity')").fetchall()
        == [(161,)]
    )


def test_an_incident_keeps_its_id_as_it_goes_on(history: DuckDBPyConnection) -> None:
    store(history, refused(NOW, 30))
    before = incidents(history, "incident_id")
    store(history, refused(NOW + 1, 30))
    assert incidents(history, "incident_id") == before
    assert len(before) == 1


def test_the_report_has_them(history: DuckDBPyConnection) -> None:
    store(history, refused(NOW, 30))
    section = next(each for each in build(history, Period(None, None)).sections if each.name == "incidents")
    assert [(row["alert_id"], row["failed"]) for row in section.rows] == [("block-rate", 30)]
