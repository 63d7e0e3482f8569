from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from logbounce.errors import DatabaseError
from logbounce.revise import apply, replay, unapplied
from logbounce.revise.versions import apply_to, undo_in
from logbounce.rules import publish
from tests.unit.escalate.histories import Attempt, after, bounced, delivered
from tests.unit.revise.stored import begin_again, database, decide, judge, rules, say, suppressed

if TYPE_CHECKING:
    from logbounce.rules import Rules

HARD = {"alpha": "bad-mailbox", "beta": "mailbox-full", "gamma": "policy-block"}
OTHER = HARD | {"alpha": "policy-block", "gamma": "bad-mailbox"}
ANN, BOB, CARL, DORA = (f"{name}@x.example" for name in ("ann", "bob", "carl", "dora"))


def hard(recipient: str, word: str, hours: float = 0) -> tuple[Attempt, str | None]:
    return bounced(after(hours), recipient=recipient), word


def took(recipient: str, hours: float) -> tuple[Attempt, str | None]:
    return delivered(after(hours), recipient=recipient), None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return one judged by HARD: Ann and Bob were told alpha, Carl and Dora gamma; Bob and Dora took mail later."""
    path = tmp_path / "logbounce.duckdb"
    history = [hard(ANN, "alpha"), hard(BOB, "alpha", 1), hard(CARL, "gamma", 2), hard(DORA, "gamma", 3)]
    with connect(path) as connection:
        begin_again(connection, rules(tmp_path, HARD))
        say(connection, [took(ANN, -1), *history, took(BOB, 50), took(DORA, 40), took(DORA, 60)])
        judge(connection)
    return path


def digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def test_what_would_change_and_who_accepted_mail_later(path: Path, tmp_path: Path) -> None:
    before = digest(path)
    found = replay(path, rules(tmp_path, OTHER))
    assert found.totals == {
        "templates": 3,
        "reclassed": 2,
        "other_rule": 0,
        "policy_changed": False,
        "suppressed": 2,
        "suppressed_accepted_later": 1,
        "released": 2,
        "released_accepted_later": 1,
        "replaced": 0,
    }
    assert [(row["effect"], row["address"], row["accepted_time"]) for row in found.addresses] == [
        ("suppressed", DORA, after(40)),
        ("suppressed", CARL, None),
        ("released", BOB, after(50)),
        ("released", ANN, None),
    ]
    classes = ("old_category", "new_category", "templates", "attempts", "addresses", "new_rules", "sample")
    assert [tuple(row[name] for name in classes) for row in found.templates] == [
        ("bad-mailbox", "policy-block", 1, 2, 2, ["says-alpha"], "550 alpha"),
        ("policy-block", "bad-mailbox", 1, 2, 2, ["says-gamma"], "550 gamma"),
    ]
    assert digest(path) == before
    assert not path.with_name("logbounce.duckdb.wal").exists()


def test_mail_that_came_back_was_not_accepted(path: Path, tmp_path: Path) -> None:
    with connect(path) as connection:
        found = connection.execute("select delivery_id from attempt_rows where recipient = $1", [DORA]).fetchall()
        returned = [bounced(after(70), recipient=DORA, delivery_id=number, asynchronous=True) for (number,) in found]
        say(connection, [(attempt, "beta") for attempt in returned])
    assert replay(path, rules(tmp_path, OTHER)).totals["suppressed_accepted_later"] == 0


@pytest.mark.parametrize("preset", ["standard", "lenient", "limit"])
def test_it_tells_what_apply_then_does(path: Path, tmp_path: Path, preset: str) -> None:
    with connect(path) as connection:
        say(connection, [hard("ed@x.example", "beta", hours) for hours in range(3)])
        judge(connection)
        decide(connection, "release", CARL, 5)
    new = rules(tmp_path, OTHER, preset)
    copy = Path(shutil.copy(path, tmp_path / "copy.duckdb"))
    told = replay(path, new, top=100)
    done = apply(copy, new)
    assert done[3:] == tuple(told.totals[name] for name in ("reclassed", "suppressed", "released", "replaced"))
    with connect(path) as before, connect(copy) as after_it:
        was, now = set(suppressed(before)), set(suppressed(after_it))
    assert {(r["address"], r["stream"]) for r in told.addresses if r["effect"] == "suppressed"} == now - was
    assert {(r["address"], r["stream"]) for r in told.addresses if r["effect"] == "released"} == was - now


def test_since_leaves_out_whom_nothing_new_is_known_of(path: Path, tmp_path: Path) -> None:
    found = replay(path, rules(tmp_path, OTHER), since=after(1).replace(tzinfo=dt.UTC), top=1)
    assert (found.totals["suppressed"], found.totals["released"]) == (2, 1)
    assert [row["attempts"] for row in found.templates] == [2, 1]
    assert [row["address"] for row in found.addresses] == [DORA, BOB]


def test_rules_that_change_nothing(path: Path, tmp_path: Path) -> None:
    found = replay(path, rules(tmp_path, HARD))
    assert (found.templates, found.addresses) == ([], [])
    assert [value for value in found.totals.values() if value] == [3]


def test_there_has_to_be_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database"):
        replay(tmp_path / "none.duckdb", rules(tmp_path, HARD))


# What is not applied -------------------------------------------------------------------------------------------------


def told(path: Path, known: Rules) -> tuple[int, int, bool]:
    with connect(path, read_only=True) as connection:
        return unapplied(connection, known)


def test_rules_in_force_are_held_against_what_is_stored(path: Path, tmp_path: Path) -> None:
    assert told(path, rules(tmp_path, HARD)) == (0, 3, False)
    assert told(path, rules(tmp_path, {"alph": "bad-mailbox"} | HARD)) == (0, 3, False)  # another rule, the same class
    assert told(path, rules(tmp_path, OTHER)) == (2, 3, False)
    assert told(path, rules(tmp_path, HARD, "lenient")) == (0, 3, True)
    apply(path, rules(tmp_path, OTHER, "lenient"))
    assert told(path, rules(tmp_path, OTHER, "lenient")) == (0, 3, False)
    assert told(path, rules(tmp_path, HARD)) == (2, 3, True)


def test_rules_that_are_published_by_ingest_are_not_thereby_applied(tmp_path: Path) -> None:
    connection = database(rules(tmp_path, HARD))
    new = rules(tmp_path, OTHER, "lenient")
    publish(connection, new)
    assert unapplied(connection, new) == (2, 3, True)


def test_what_is_taken_back_is_not_applied(tmp_path: Path) -> None:
    connection = database(rules(tmp_path, HARD))
    new = rules(tmp_path, OTHER, "lenient")
    apply_to(connection, new)
    undo_in(connection)
    assert unapplied(connection, new) == (2, 3, True)


def test_an_empty_database_agrees_with_any_rules(tmp_path: Path) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    assert told(tmp_path / "logbounce.duckdb", rules(tmp_path, HARD)) == (0, 0, False)
