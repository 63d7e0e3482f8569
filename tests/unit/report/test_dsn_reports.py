from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.database import memory
from logbounce.ingest import ingest
from logbounce.rules import load_rules
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import Attempt, after, bounced, delivered, store, template_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What a report fetched from a mailbox will fill: nobody's query is to change then.
COLUMNS = """
report_id event_time kind final_recipient original_recipient recipient_domain provider action status smtp_code
diagnostic_code category bounce_class act rule_id template_id reporting_mta remote_mta arrival_date last_attempt_date
original_message_id original_envelope_id x_queue_id sender proved matched delivery_id sent_time mta host source_name
source_offset
""".split()  # noqa: SIM905 - a list of thirty words reads better so


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
        (77, after(9), "bounce", "Ann.Lee@example.org", "failed", "answer of act H", "H-category", "rule-H", template_id("H", None))
    ]
    assert reports(connection, "original_message_id, sender, proved, matched, delivery_id, sent_time, source_name, source_offset") == [
        ("m@x.example", "news@sender.example", True, "sender", 1, after(0), "mail.log", 5)
    ]


def test_a_report_of_a_delay_is_no_bounce() -> None:
    connection = memory()
    store(connection, [Attempt(after(0), asynchronous=True), Attempt(after(1), "delivered", None, asynchronous=True)])
    assert reports(connection, "kind, action") == [("delay", "delayed"), ("success", "delivered")]


def test_a_report_about_nothing_that_was_logged_is_not_proved() -> None:
    connection = memory()
    store(connection, [bounced(after(0), asynchronous=True), bounced(after(1), asynchronous=True, delivery_id=4)])
    store(connection, [delivered(after(0), delivery_id=5)])
    assert reports(connection, "proved, matched, delivery_id, sent_time") == [(False, None, None, None)] * 2


def test_the_message_id_ties_a_report_where_it_was_logged() -> None:
    connection = memory()
    (number,) = connection.execute("select md5_number_lower(concat_ws(chr(31), 'm@x', 'ann@x.example'))").fetchone() or ()
    about = {"delivery_id": number, "message_id": "m@x", "recipient": "Ann@x.example"}
    store(connection, [delivered(after(0), **about), bounced(after(1), asynchronous=True, **about)])
    assert reports(connection, "matched, delivery_id") == [("message_id", number)]
