"""`logbounce forget`: nothing of a person is left, others lose nothing, and mail to them does not begin again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from logbounce.database import connect
from logbounce.erase import forget
from logbounce.errors import LockedError
from logbounce.suppress import is_suppressed, listing
from logbounce.verp import Key, Signer
from tests.unit.cli.command import fails, logbounce
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import START
from tests.unit.ingest.logs import Lab, arrival, attempt, line, removed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ANN = "Ann.Lee@example.org"
NEIGHBOURS = (
    "joann.lee@example.org",
    "x-ann.lee@example.org",
    "ann.lee@example.org.uk",
    "ann.lee@example.orgs",
    "ann.lee@sub.example.org",
    "annxlee@example.org",
    "bob@example.org",
)
# How the address may stand in a text, beside what belongs to others.
TEXTS = (
    "550 5.1.1 <{}>: user unknown",
    "550 5.1.1 {} unknown",
    "{}",
    "to={},",
    "rfc822;{} rfc822;{}",
    "mailto:{}.",
    "no such user {}.",
    "'{}'",
    "{};{}",
)
HARD = "host mx[192.0.2.1] said: 550 5.1.1 <{}>: user unknown (in reply to RCPT TO command)"
SOFT = "host mx[192.0.2.1] said: 452 4.2.2 <{}>: over quota (in reply to RCPT TO command)"


def texts_of(connection: DuckDBPyConnection) -> str:
    """Return all that stands in the tables, as one text in lower case."""
    asked = "select database_name, table_name from duckdb_tables() where not internal and not temporary"
    found = connection.execute(asked).fetchall()
    assert len(found) > 10
    return "\n".join(
        str(row)
        for _, table in found
        for row in connection.execute(f'select t::varchar from "{table}" as t').fetchall()  # noqa: S608 - our own names
    ).lower()


def assert_gone(path: Path, *secrets: str) -> None:
    """Check that no table, and no byte of the file or of one beside it, holds any of these."""
    with duckdb.connect(str(path), read_only=True) as connection:
        stored = texts_of(connection)
    raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")).lower()
    for secret in secrets:
        assert secret.lower() not in stored
        assert secret.lower().encode() not in raw


def log() -> list[str]:
    """Return a log that tells of Ann, and of her neighbours, in every way."""
    lines = []
    for number, person in enumerate((ANN, *NEIGHBOURS)):
        lines += [
            *arrival(10 * number, f"4TXA{number}", f"bounces+{person.replace('@', '=')}@news.example"),
            attempt(10 * number + 1, f"4TXA{number}", person, "bounced", HARD.format(person)),
            removed(10 * number + 1, f"4TXA{number}"),
            line(10 * number + 2, f"4TXA{number}: to=<{person}>, nsd=5.1.1, status=bounced (what)"),
        ]
    tail = "relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)"
    return [
        *lines,
        *arrival(200, "4TXFROM", ANN, f"1234.{ANN}"),
        attempt(201, "4TXFROM", "bob@example.org", "deferred", SOFT.format(ANN)),
        line(202, f"4TXFROM: to=<carl@example.org>, orig_to=<{ANN.upper()}>, {tail}"),
    ]


def decide(connection: DuckDBPyConnection, number: int, address: str, stream: str, **more: str) -> None:
    values = {"action": "suppress", "reason": "manual"} | more
    insert(connection, "suppression_ledger", number=number, address=address, stream=stream, **values)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that has read that log, and holds what no log tells."""
    lab = Lab(tmp_path_factory.mktemp("model"))
    assert lab.read(log()) == len(NEIGHBOURS) + 3
    with connect(lab.settings.database) as connection:
        for number, recipient in enumerate((ANN, "bob@example.org")):
            more = {"recipient": recipient, "sender": ANN, "reporter": f"a {ANN}"}
            insert(connection, "complaints", complaint_id=number, **more)
        insert(connection, "report_rows", report_id=1, recipient=ANN, diagnostic_code=f"no {ANN}")
        insert(
            connection, "report_rows", report_id=2, recipient="bob@example.org", sender=f"b+{ANN.replace('@', '=')}@x"
        )
        insert(connection, "report_messages", entry="1", error=f"ValueError: {ANN}")
        insert(connection, "undecided_addresses", address=ANN.lower())
        decide(connection, 900, "bob@example.org", "x", note=f"asked by {ANN}")
        decide(connection, 901, ANN, "bulk")
        insert(connection, "rule_versions", version=1, action="apply", note=f"for {ANN}")
        decide(connection, 902, ANN, "over")
        decide(connection, 903, ANN, "over", action="release")
    return lab.settings.database


@pytest.fixture
def database(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(model, tmp_path / "logbounce.duckdb"))


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_nothing_is_left_of_them_and_all_of_their_neighbours(database: Path) -> None:
    assert ANN.encode() in database.read_bytes()
    erased = dict(forget(database, "ann.lee@EXAMPLE.org"))
    assert_gone(
        database, "ann.lee@example.org'", "<ann.lee@example.org>", "+ann.lee=example.org@", " ann.lee@example.org,"
    )
    assert erased == {
        "attempt_rows": 4,  # to them, by way of them, from them, and the sender that may be x-ann.lee's or theirs
        "messages": 3,
        "complaints": 2,
        "report_rows": 2,
        "report_messages": 1,
        "unparsed_lines": 1,
        "response_templates": erased["response_templates"],
        "undecided_addresses": 1,
        "suppression_ledger": 5,
        "rule_versions": 1,
    }
    stayed = {address for (address,) in rows(database, "select recipient from attempt_rows")}
    assert stayed == set(NEIGHBOURS)
    assert {address for (address,) in rows(database, "select address from suppressions where stream = ''")} >= set(
        NEIGHBOURS
    )
    senders = rows(database, "select distinct sender from messages where sender like '%joann%'")
    assert senders == [("bounces+joann.lee=example.org@news.example",)]
    assert len(rows(database, "from unparsed_lines")) == len(NEIGHBOURS)


def test_the_plain_address_is_nowhere_when_no_neighbour_has_it_in_theirs(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.read(
        [
            *arrival(0, "4TXA"),
            *(attempt(n, "4TXA", "zoe@example.org", "bounced", HARD.format("Zoe@example.org")) for n in range(3)),
        ]
    )
    forget(lab.settings.database, "zoe@example.org")
    (tmp_path / "mail.log").unlink()
    assert_gone(lab.settings.database, "zoe", "zoe@")
    assert rows(lab.settings.database, "select count(*) from response_templates") == [(0,)]


def test_who_was_suppressed_stays_so(database: Path) -> None:
    forget(database, ANN)
    with connect(database, read_only=True) as connection:
        for spelling in (ANN, ANN.lower(), "ann.lee@EXAMPLE.ORG"):
            found = is_suppressed(connection, spelling)
            assert found
            assert (found.address, found.stream, found.reason, found.category) == (spelling, "", "hard", "bad-mailbox")
            assert found.first_evidence is None
        marks = [row for row in listing(connection) if row.address.startswith("forgotten:")]
        assert [row.stream for row in marks] == ["", "bulk"]
        assert is_suppressed(connection, "joann.lee@example.org") is not None
        assert is_suppressed(connection, "carl@example.org") is None


def test_nothing_about_them_is_explained(database: Path) -> None:
    assert "550 5.1.1" in logbounce("explain", ANN, "--db", str(database), cwd=database.parent).stdout
    forget(database, ANN)
    known = json.loads(logbounce("explain", ANN, "--json", "--db", str(database), cwd=database.parent).stdout)
    assert [(row["stream"], row["reason"], row["note"]) for row in known["suppressions"]] == [
        ("", "hard", "forgotten"),
        ("bulk", "manual", "forgotten"),
    ]
    assert [row["evidence"] for row in known["decisions"]] == [[], []]
    empty = ("mail", "bounces", "limits", "rules", "went_on_to")
    assert [known[name] for name in empty] == [[]] * len(empty)
    assert known["address"] == ANN
    neighbour = logbounce(
        "explain", "bob@example.org", "--limit", "99", "--json", "--db", str(database), cwd=database.parent
    )
    assert neighbour.returncode == 0
    assert f"<{ANN.lower()}>" not in neighbour.stdout.lower()


def test_who_was_not_suppressed_and_is_forgotten_is_nobody(database: Path) -> None:
    forget(database, "carl@example.org")
    done = logbounce("explain", "carl@example.org", "--db", str(database), cwd=database.parent)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "carl@example.org: not in the database\n")


def test_to_forget_again_changes_nothing(database: Path) -> None:
    forget(database, ANN)
    before = rows(database, "from suppression_ledger order by number")
    assert sum(row.rows for row in forget(database, ANN)) == 0
    assert rows(database, "from suppression_ledger order by number") == before


def test_who_was_not_suppressed_leaves_no_mark(database: Path) -> None:
    forget(database, "carl@example.org")
    assert rows(database, "select count(*) from suppression_ledger where starts_with(address, 'forgotten:')") == [(0,)]
    with connect(database, read_only=True) as connection:
        assert is_suppressed(connection, "carl@example.org") is None


@pytest.mark.parametrize("given", ["ann@bücher.example", "ANN@xn--bcher-kva.example"])
def test_a_domain_is_known_in_both_its_forms(tmp_path: Path, given: str) -> None:
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        for number, stored in enumerate(("ann@xn--bcher-kva.example", "Ann@Bücher.example", "bob@bücher.example")):
            insert(connection, "attempt_rows", attempt_id=number, recipient=stored, response=f"<{stored}> unknown")
        insert(connection, "suppression_ledger", number=1, action="suppress", address="ann@xn--bcher-kva.example")
    forget(path, given)
    assert rows(path, "select recipient from attempt_rows") == [("bob@bücher.example",)]
    with connect(path, read_only=True) as connection:
        assert is_suppressed(connection, "ann@bücher.example")
        assert is_suppressed(connection, "ann@xn--bcher-kva.example")


# Tables and columns that no text of a sender, recipient or server gets into.
NOT_ABOUT_PEOPLE = {
    "alert_thresholds",
    "meta",
    "categories",
    "providers",
    "rules",
    "policies",
    "rule_changes",
    "rule_policies",
    "sources",
    "source_gaps",
}
STRUCTURED = {
    *(
        "mta",
        "host",
        "queue_id",
        "provider",
        "source_ip",
        "relay_ip",
        "outcome",
        "enhanced_status",
        "smtp_stage",
        "tls",
    ),
    *("recipient_domain", "mta_category", "source_name", "category", "bounce_class", "act", "rule_id", "feedback_type"),
    *("action", "stream", "policy", "suppression_ledger.reason", "rule_versions.digest"),
    *("entry", "sha256", "kind", "status", "x_queue_id", "verp", "matched"),
}


def test_no_column_of_any_table_is_overlooked(tmp_path: Path) -> None:
    """Puts the address into every column that may hold one; a new table or column has to be seen to."""
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        asked = "select table_name, column_name from duckdb_columns() where not internal and data_type = 'VARCHAR'"
        tables = "table_name in (select table_name from duckdb_tables() where not temporary)"
        found = connection.execute(f"{asked} and {tables}").fetchall()
        chosen = [
            (table, column)
            for table, column in found
            if table not in NOT_ABOUT_PEOPLE and STRUCTURED.isdisjoint({column, f"{table}.{column}"})
        ]
        for table, column in chosen:
            insert(connection, table, **{column: f"<{ANN}>" if column not in {"address", "recipient"} else ANN})
            if column not in {"address", "recipient", "original_recipient"}:
                insert(connection, table, **{column: ANN})
    assert len(chosen) > 15
    forget(path, ANN)
    assert_gone(path, ANN)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_loses_the_address_and_nothing_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.duckdb"
    theirs = text.replace("{}", ANN.upper())
    others = [text.replace("{}", person) for person in NEIGHBOURS]
    with connect(path) as connection:
        for number, said in enumerate((theirs, *others)):
            insert(
                connection,
                "attempt_rows",
                attempt_id=number,
                recipient="bob@example.org",
                response=said,
                template_id=number,
            )
            insert(connection, "response_templates", template_id=number, template=said, sample=said)
            insert(connection, "unparsed_lines", line_id=number, line=said)
    forget(path, ANN)
    blank = text.replace("{}", "[forgotten]")
    for sql in (
        "select response from attempt_rows",
        "select sample from response_templates",
        "select template from response_templates",
    ):
        assert {said for (said,) in rows(path, sql)} == {blank, *others}
    assert {said for (said,) in rows(path, "select line from unparsed_lines")} == set(others)


ZANZI = "Zanzi_Bar+news@victim.example"
# As logs write it: in hex, in other quotes, behind a reply's code, packed into a sender.
WRITTEN = (
    "550-zanzi_bar+news@victim.example is the new address 550 5.1.1 user unknown",
    "550-5.1.1-ZANZI_BAR+NEWS@victim.example",
    "host said: 550-zanzi_bar+news@victim.example",
    "550 new address:\\n550-zanzi_bar+news@victim.example\\nzanzi_bar+news@victim.example",
    "ORCPT=rfc822;zanzi_bar+2Bnews@victim.example ",
    "rfc822;Zanzi_Bar+2Bnews+40victim.example",
    "https://x.example/?to=zanzi_bar%2bnews%40victim.example&a=%3Czanzi_bar%2Bnews@victim.example%3E",
    '{"to":"\\u003czanzi_bar\\u002bnews@victim.example\\u003e"}',
    'no "zanzi_bar+news"@victim.example here',
    "from <b+zanzi_bar+news=victim.example@news.example>",
    "b+aabcdefghijklmnopqrs-zanzi_5fbar_2bnews=victim.example@bounces.example.org",
    "FROM:<b+2Bx-zanzi_5fbar_2bnews+3Dvictim.example@bounces.example.org>",
    "SRS0=ab=cd=victim.example=zanzi_bar+news@forward.example",
    "prvs=1234567=zanzi_bar+news@victim.example",
    "zanzi_bar+news%victim.example@relay.example",
    "-zanzi_bar+news@victim.example-",
)
NOT_ZANZI = (
    "x-zanzi_bar+news@victim.example",
    "550-x-zanzi_bar+news@victim.example",
    "550 x.zanzi_bar+news@victim.example",
    "zanzi_bar@victim.example",
    "550-zanzi_bar+news@victim.example.org",
    "a+2Bzanzi_bar+2Bnews@victim.example",
    "b-x_2ezanzi_5fbar_2bnews=victim.example@bounces.example.org",
    "zanziabar+news@victim.example",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_however_it_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        for number, said in enumerate((text, *NOT_ZANZI)):
            more = {"attempt_id": number, "recipient": "bob@example.org", "sender": said, "response": f"500 {said}"}
            insert(connection, "attempt_rows", **more)
            insert(connection, "messages", queue_id=str(number), sender=said)
            insert(connection, "unparsed_lines", line_id=number, line=said)
    forget(path, ZANZI)
    with duckdb.connect(str(path), read_only=True) as connection:
        stored = texts_of(connection)
    assert re.search("zanzi.{1,4}bar.{1,4}news.{1,6}victim.{1,4}example(?!.org)", _without_others(stored)) is None
    for sql in ("select sender from attempt_rows", "select sender from messages", "select line from unparsed_lines"):
        assert {said for (said,) in rows(path, sql) if said} == set(NOT_ZANZI)


def _without_others(stored: str) -> str:
    for other in sorted(NOT_ZANZI, key=len, reverse=True):
        stored = stored.replace(other.lower(), "")
    return stored


def test_the_sender_that_verp_signed_for_them(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    signer = Signer("b+", "bounces.example.org", (Key("a", b"0123456789abcdef"),))
    sender = signer.sign(ZANZI, START.date())
    assert "-zanzi_5fbar_2bnews=victim.example@" in sender
    reply = "host mx[192.0.2.1] said: 550-zanzi_bar+news@victim.example is the new address 550 5.1.1 user unknown"
    lab.read(
        [
            *arrival(0, "4TXA", sender),
            attempt(1, "4TXA", ZANZI, "bounced", HARD.format(ZANZI)),
            *arrival(2, "4TXB"),
            attempt(3, "4TXB", "bob@example.org", "bounced", reply),
            attempt(4, "4TXB", f"b+x-zanzi_5fbar_2bnews=victim.example@{'y' * 9}.example", "bounced", HARD.format("x")),
        ]
    )
    (tmp_path / "mail.log").unlink()
    forget(lab.settings.database, ZANZI.upper())
    assert_gone(lab.settings.database, "zanzi")
    assert rows(lab.settings.database, "select recipient from attempt_rows") == [("bob@example.org",)]


@pytest.mark.parametrize(
    "recipient",
    [
        '"Zanzi_bar+news"@victim.example',
        "prvs=1=zanzi_bar+news@victim.example",
        "zanzi_bar+news@victim.example@gw.example",
    ],
)
def test_mail_for_them_is_erased_however_the_recipient_is_written(tmp_path: Path, recipient: str) -> None:
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        for number, person in enumerate((recipient, "a'zanzi_bar+news@victim.example")):
            insert(connection, "attempt_rows", attempt_id=number, recipient=person)
            insert(connection, "undecided_addresses", address=person)
            insert(connection, "suppression_ledger", number=number, action="suppress", address=person)
    forget(path, ZANZI)
    for sql in (
        "select recipient from attempt_rows",
        "select address from undecided_addresses",
        "select address from suppression_ledger where not starts_with(address, 'forgotten:')",
    ):
        assert rows(path, sql) == [("a'zanzi_bar+news@victim.example",)]


def test_the_longest_address_of_nothing_but_signs(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    longest = f"{'+_' * 32}@{'.'.join(['a-' * 31 + 'b'] * 4)[:250]}.org"
    with connect(path) as connection:
        insert(connection, "attempt_rows", attempt_id=1, recipient="bob@example.org", response=f"<{longest}> no")
    forget(path, longest)
    assert rows(path, "select response from attempt_rows") == [("<[forgotten]> no",)]


def test_a_sample_that_was_theirs_becomes_anothers(tmp_path: Path) -> None:
    """Even where it does not hold the address: it may name them in other words."""
    path = tmp_path / "x.duckdb"
    with connect(path) as connection:
        insert(connection, "attempt_rows", attempt_id=1, recipient=ANN, response="550 Ann Lee has left", template_id=1)
        insert(
            connection,
            "attempt_rows",
            attempt_id=2,
            recipient="bob@example.org",
            response="550 Bob has left",
            template_id=1,
        )
        insert(
            connection, "response_templates", template_id=1, template="550 * has left", sample="550 Ann Lee has left"
        )
    forget(path, ANN)
    assert rows(path, "select template, sample from response_templates") == [("550 * has left", "550 Bob has left")]


def test_odd_addresses_are_no_patterns(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    odd = [
        "a.*+?b@example.org",
        "o'hara$1\\1@example.org",
        '"john doe"@example.org',
        "a|b@example.org",
        "=a@example.org",
    ]
    with connect(path) as connection:
        for number, person in enumerate(odd):
            insert(connection, "attempt_rows", attempt_id=number, recipient="x@example.org", response=f"<{person}> no")
    for number, person in enumerate(odd, 1):
        forget(path, person)
        assert rows(path, "select count(*) from attempt_rows where response = '<[forgotten]> no'") == [(number,)]


def test_the_ledger_goes_on_counting(database: Path) -> None:
    forget(database, ANN)
    with connect(database) as connection:
        before = connection.execute("select max(number) from suppression_ledger where number < 900").fetchone()
        connection.execute(
            "insert into suppression_ledger (decided_at, action, address, stream, reason) "
            "values ($1, 'suppress', 'new@example.org', '', 'manual')",
            [START],
        )
        after = connection.execute("select number from suppression_ledger where address = 'new@example.org'").fetchone()
    assert before
    assert after
    assert after[0] == before[0] + 1


def test_that_bytes_may_be_left_is_said(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise LockedError("held by PID 7")

    monkeypatch.setattr("logbounce.erase.person.compact", refuse)
    with pytest.raises(LockedError, match=r"held by PID 7; the rows are erased, .* run `logbounce compact`"):
        forget(database, ANN)


def test_the_command(database: Path) -> None:
    done = logbounce("forget", ANN, "--json", cwd=database.parent)
    assert {row["table"]: row["rows"] for row in json.loads(done.stdout)}["attempt_rows"] == 4
    checked = logbounce("suppress", "check", ANN, cwd=database.parent)
    assert checked.returncode == 0
    assert checked.stdout.startswith(f"{ANN}: suppressed: hard, ")
    assert checked.stdout.endswith(" UTC (forgotten)\n")
    for nobody in ("ann", "@example.org", "ann@", ""):
        assert f"{nobody}: is no address" in fails(logbounce("forget", nobody, cwd=database.parent), 2)
