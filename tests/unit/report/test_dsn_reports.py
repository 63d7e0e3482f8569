from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.database import memory
from logbounce.ingest import Pipeline
from logbounce.rules import load_rules
from logbounce.settings import Settings
from tests.unit.escalate.histories import Attempt, after, bounced, delivered, store, template_id

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

# Of logged reports and of those that were fetched from mailboxes alike.
COLUMNS = """
report_id event_time kind final_recipient original_recipient recipient_domain provider action status smtp_code
diagnostic_code category bounce_class act rule_id template_id reporting_mta remote_mta arrival_date last_attempt_date
original_message_id original_envelope_id x_queue_id sender proved matched delivery_id sent_time verp attempt_id mta
host source_name source_offset entry
""".split()  # noqa: SIM905 - a list of thirty words reads better so

REMOTE = "am6pr01mb0001.eurprd01.prod.exchangelabs.example"


def reports(connection: DuckDBPyConnection, columns: str) -> list[tuple[object, ...]]:
    return connection.execute(f"select {columns} from dsn_reports order by event_time").fetchall()  # noqa: S608 - names of this file


def test_the_columns_are_those_that_are_documented() -> None:
    assert memory().table("dsn_reports").columns == COLUMNS


def test_a_later_report_is_one_and_what_the_server_said_at_once_is_none() -> None:
    connection = memory()
    late = bounced(after(9), delivery_id=1, attempt_id=77, asynchronous=True, message_id="m@x.example", source_offset=5)
    store(connection, [delivered(after(0), delivery_id=1), late, bounced(after(1))])
    columns = "report_id, event_time, kind, final_recipient, action, diagnostic_code, category, rule_id, template_id"
    assert reports(connection, columns) == [
        (
            77,
            after(9),
            "bounce",
            "Ann.Lee@example.org",
            "failed",
            "answer of act H",
            "H-category",
            "rule-H",
            template_id("H", None),
        )
    ]
    assert reports(
        connection, "original_message_id, sender, proved, matched, delivery_id, sent_time, source_name, source_offset"
    ) == [("m@x.example", "news@sender.example", True, "sender", 1, after(0), "mail.log", 5)]


def test_a_report_of_a_delay_is_no_bounce() -> None:
    connection = memory()
    store(connection, [Attempt(after(0), asynchronous=True), Attempt(after(1), "delivered", None, asynchronous=True)])
    assert reports(connection, "kind, action") == [("delayed", "delayed"), ("delivered", "delivered")]


def test_a_report_about_nothing_that_was_logged_is_not_proved() -> None:
    connection = memory()
    store(connection, [bounced(after(0), asynchronous=True), bounced(after(1), asynchronous=True, delivery_id=4)])
    store(connection, [delivered(after(0), delivery_id=5)])
    assert reports(connection, "proved, matched, delivery_id, sent_time") == [(False, None, None, None)] * 2


def test_what_the_mail_servers_log_of_reports(root: Path) -> None:
    connection = memory()
    pipeline = Pipeline(connection, Settings(root / "none.duckdb", "UTC"), load_rules())
    for log in ("powermta.csv", "kumomta.jsonl"):
        pipeline.ingest(str(root / "sample_logs" / log))
    columns = "mta, final_recipient, status, smtp_code, remote_mta, original_message_id, matched, bounce_class"
    assert sorted(reports(connection, columns)) == [
        ("kumomta", "fritz@contoso.example", "5.1.10", 550, REMOTE, "0498076a@florist.example", "sender", "hard"),
        ("powermta", "fritz@contoso.example", "5.1.10", 550, REMOTE, "autumn.0006@news.example", "message_id", "hard"),
    ]
