from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from logbounce import revise
from logbounce.classify import verdicts
from logbounce.database import connect, statement, transaction
from logbounce.errors import DatabaseError
from logbounce.escalate import escalate, policy
from logbounce.escalate import ledger as ledger_module
from logbounce.revise import engine, versions
from logbounce.revise.versions import apply_to, undo_in
from logbounce.rules import publish
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import after, complain, delivered
from tests.unit.revise.stored import (
    ANN,
    BLOCK_ALPHA,
    BOB,
    HARD,
    HARD_GAMMA,
    begin_again,
    database,
    decide,
    hard,
    judge,
    ledger,
    rules,
    say,
    suppressed,
    suppressions,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SOFT_ALPHA = HARD | {"alpha": "mailbox-full"}
NOTE = "rules version 1"


@pytest.fixture
def stored(tmp_path: Path) -> DuckDBPyConnection:
    """Return a database judged by HARD."""
    return database(rules(tmp_path, HARD))


def test_who_is_no_longer_hard_is_released_and_who_is_now_is_suppressed(
    stored: DuckDBPyConnection, tmp_path: Path
) -> None:
    say(stored, [hard(ANN, "alpha"), hard(BOB, "gamma")])
    judge(stored)
    done = apply_to(stored, rules(tmp_path, BLOCK_ALPHA | {"gamma": "bad-mailbox"}), "a trial")
    assert done == (1, "apply", None, 2, 1, 1, 0)
    assert ledger(stored, 1) == [("release", ANN, "", "rules", NOTE), ("suppress", BOB, "", "hard", NOTE)]
    assert stored.execute("select category, bounce_class, act from attempts order by recipient").fetchall() == [
        ("policy-block", "block", "B"),
        ("bad-mailbox", "hard", "H"),
    ]
    assert stored.execute(
        "select action, note, templates_changed, suppressed, released, replaced from rule_versions"
    ).fetchall() == [("apply", "a trial", 2, 1, 1, 0)]
    assert stored.execute(
        "select version, template_id, old_category, old_act, new_category, new_act from rule_changes order by all"
    ).fetchall() == [(1, 1, "bad-mailbox", "H", "policy-block", "B"), (1, 3, "policy-block", "B", "bad-mailbox", "H")]


def test_an_address_whose_suppression_stays_the_same_gets_no_row(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "alpha"), hard(ANN, "gamma", 1), hard(BOB, "alpha")])
    judge(stored)
    before = suppressions(stored)
    assert apply_to(stored, rules(tmp_path, HARD_GAMMA))[3:] == (1, 0, 0, 0)
    assert suppressions(stored) == before
    assert ledger(stored, 2) == []


def test_another_rule_for_the_same_class_changes_templates_only(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "alpha")])
    judge(stored)
    assert apply_to(stored, rules(tmp_path, {"alph": "bad-mailbox"} | HARD))[3:] == (1, 0, 0, 0)
    assert ledger(stored, 1) == []
    assert stored.execute("select rule_id from attempts").fetchall() == [("says-alph",)]


def test_who_stays_suppressed_on_other_evidence_gets_one_row_that_says_so(
    stored: DuckDBPyConnection, tmp_path: Path
) -> None:
    say(stored, [hard(ANN, "alpha"), *(hard(ANN, "beta", hours) for hours in (2, 3, 4))])
    judge(stored)
    assert apply_to(stored, rules(tmp_path, BLOCK_ALPHA)).replaced == 1
    assert ledger(stored, 1) == [("suppress", ANN, "", "soft", NOTE)]
    assert [row[2] for row in suppressions(stored)] == ["soft"]


@pytest.mark.parametrize("stream", ["", "other"])
def test_what_people_decided_stands(stored: DuckDBPyConnection, tmp_path: Path, stream: str) -> None:
    say(stored, [hard(ANN, "alpha"), hard(BOB, "gamma", 1)])
    decide(stored, "suppress", ANN, 2, stream)
    decide(stored, "release", BOB, 3)
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA | {"gamma": "bad-mailbox"}))
    assert suppressed(stored) == [(ANN, stream)]


def test_a_complaint_stands_and_takes_the_place_of_a_bounce(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    complain(stored, after(0), recipient=BOB)
    say(stored, [hard(ANN, "alpha"), hard(BOB, "alpha", 1)])
    judge(stored)
    complain(stored, after(1), recipient=ANN)
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA))
    assert [row[:3] for row in suppressions(stored)] == [(ANN, "", "complaint"), (BOB, "", "complaint")]
    assert ledger(stored, 2) == [("suppress", ANN, "", "complaint", NOTE)]


def test_a_release_by_rules_hides_no_evidence_and_one_by_a_person_does(
    stored: DuckDBPyConnection, tmp_path: Path
) -> None:
    say(stored, [hard(ANN, "alpha"), hard(BOB, "alpha")])
    judge(stored)
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA))
    decide(stored, "release", BOB, 10)
    apply_to(stored, rules(tmp_path, HARD))
    assert suppressed(stored) == [(ANN, "")]


def test_a_release_by_rules_is_of_its_own_stream_alone(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    begin_again(stored, rules(tmp_path, HARD, streams={"%@bulk": "standard"}))
    say(stored, [hard(ANN, "alpha"), hard(ANN, "gamma", sender="news@bulk"), hard(ANN, "alpha", 1, sender="b@bulk")])
    judge(stored)
    assert suppressed(stored) == [(ANN, ""), (ANN, "bulk")]
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA | {"gamma": "bad-mailbox"}, streams={"%@bulk": "standard"}))
    assert suppressed(stored) == [(ANN, "bulk")]


def test_soft_bounces_that_no_longer_count_release(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "beta", hours) for hours in (0, 1)] + [hard(ANN, "alpha", 30, act="S3")])
    apply_to(stored, rules(tmp_path, SOFT_ALPHA))
    assert suppressed(stored) == [(ANN, "")]
    apply_to(stored, rules(tmp_path, SOFT_ALPHA | {"beta": "greylisted"}))
    assert suppressed(stored) == []


def test_another_policy_judges_everybody(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "beta", hours) for hours in range(3)] + [hard(BOB, "alpha")])
    judge(stored)
    done = apply_to(stored, rules(tmp_path, HARD, "lenient"))
    assert (done.templates_changed, done.released, done.suppressed) == (0, 1, 0)
    assert suppressed(stored) == [(BOB, "")]
    assert apply_to(stored, rules(tmp_path, HARD, "limit"))[3:] == (0, 1, 1, 0)
    assert suppressed(stored) == [(ANN, "")]


def test_a_policy_that_was_published_and_not_applied_is_applied(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    """`tail` puts the policy of the file in force for what comes; everybody else is judged by `rules apply`."""
    say(stored, [hard(ANN, "beta", hours) for hours in range(3)])
    judge(stored)
    lenient = rules(tmp_path, HARD, "lenient")
    publish(stored, lenient)
    assert apply_to(stored, lenient).released == 1
    assert apply_to(stored, lenient).version is None


def test_a_decision_that_a_late_delivery_would_undo_stands(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "beta", hours) for hours in range(3)] + [hard(ANN, "gamma", 4)])
    judge(stored)
    say(stored, [(delivered(after(1.5), recipient=ANN), None)])
    apply_to(stored, rules(tmp_path, HARD | {"gamma": "greylisted"}))
    assert ledger(stored, 1) == []


def test_what_was_purged_cannot_be_judged_again_and_stands(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "alpha"), hard(ANN, "alpha", 50)])
    judge(stored)
    stored.execute("delete from attempt_rows where event_time < $1", [after(1)])
    apply_to(stored, rules(tmp_path, BLOCK_ALPHA, "lenient"))
    assert suppressed(stored) == [(ANN, "")]


def test_rules_that_change_nothing_make_no_version(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    say(stored, [hard(ANN, "alpha")])
    judge(stored)
    assert apply_to(stored, rules(tmp_path, dict(HARD))).version is None
    assert stored.execute("select count(*) from rule_versions").fetchone() == (0,)


def test_what_comes_after_is_judged_as_ever(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    apply_to(stored, rules(tmp_path, HARD_GAMMA))
    say(stored, [hard(ANN, "gamma")])
    assert escalate(stored) == 1
    assert ledger(stored) == [("suppress", ANN, "", "hard", None)]


def test_a_response_that_nobody_has_judged_is_left_to_ingest(stored: DuckDBPyConnection, tmp_path: Path) -> None:
    stored.execute("update response_templates set category = null, act = null where template_id = 1")
    assert apply_to(stored, rules(tmp_path, BLOCK_ALPHA)).version is None


MANY = 125_000  # more rows than DuckDB keeps together (122,880)


def test_very_many_are_suppressed_and_released_at_once(tmp_path: Path) -> None:
    with connect(tmp_path / "logbounce.duckdb") as connection:
        begin_again(connection, rules(tmp_path, HARD))
        insert(connection, "attempt_rows", outcome="bounced", template_id=3)
        connection.execute(
            "insert into attempt_rows "
            "select a.* replace (i as attempt_id, i as delivery_id, i || '@x.example' as recipient) "
            "from attempt_rows a, range(1, $1) t(i)",
            [MANY],
        )
        for action, number in (("suppressed", MANY), ("released", MANY)):
            with transaction(connection):
                done = (
                    apply_to(connection, rules(tmp_path, HARD_GAMMA)) if action == "suppressed" else undo_in(connection)
                )
            assert getattr(done, action) == number
            assert connection.execute("select count(*) from suppressions").fetchone() == (
                number if action == "suppressed" else 0,
            )


class BrokenError(Exception):
    """Something went wrong in the middle."""


def everything(database: Path) -> dict[str, list[tuple[object, ...]]]:
    with connect(database, read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where not internal").fetchall()
        return {name: connection.table(name).order("all").fetchall() for (name,) in tables}


def broken_apply(database: Path, monkeypatch: pytest.MonkeyPatch, *, fail_at: int | None = None) -> int:
    """Apply rules, failing at one of the files of SQL; return how many there were."""
    reached = 0

    def breaking(name: str) -> str:
        nonlocal reached
        reached += 1
        if reached == fail_at:
            raise BrokenError(name)
        return statement(name)

    with monkeypatch.context() as patch:
        for module in (engine, versions, policy, ledger_module, verdicts):
            patch.setattr(module, "statement", breaking)
        revise.apply(database, rules(database.parent, BLOCK_ALPHA, "lenient"))
    return reached


def test_what_breaks_at_any_step_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "logbounce.duckdb"
    with connect(database) as connection:
        begin_again(connection, rules(tmp_path, HARD))
        say(connection, [hard(ANN, "alpha"), *(hard(BOB, "beta", hours) for hours in range(3))])
        judge(connection)
    whole = Path(shutil.copy(database, tmp_path / "whole.duckdb"))
    number = broken_apply(whole, monkeypatch)
    assert number >= 12
    before = everything(database)
    assert everything(whole) != before
    for step in range(1, number + 1):
        with pytest.raises(BrokenError):
            broken_apply(database, monkeypatch, fail_at=step)
        assert everything(database) == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database"):
        revise.apply(tmp_path / "logbounce.duckdb", rules(tmp_path, HARD))
    assert not (tmp_path / "logbounce.duckdb").exists()
