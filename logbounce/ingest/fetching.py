"""Rounds through the mailboxes of the settings, into the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from logbounce.database import statement
from logbounce.ingest import deciding, mail, reports
from logbounce.mailbox import open_mailbox

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.ingest.session import Sessions
    from logbounce.mailbox import Box
    from logbounce.settings import Mailbox


@dataclass
class Round:
    """What one round through a mailbox brought."""

    mailbox: str
    messages: int = 0  # that were not known
    reports: int = 0  # recipients that they name
    proved: int = 0  # of these, those that a logged send, our signature or `trust: any` speaks for
    unreadable: int = 0
    suppressed: int = 0  # addresses
    left_out: int = 0  # recipients of messages that name more than are read


def fetch_mailbox(account: Mailbox, sessions: Sessions) -> Round:
    """Read what is new in a mailbox; MailboxError says why it cannot be."""
    result = Round(account.name)
    with sessions.open() as connection:
        known = reports.known_entries(connection, account.name)
    with open_mailbox(account) as box:
        for batch in mail.batches(box, known, mail.reader_of(account, sessions.settings)):
            _take(batch, box, sessions, result)
    return result


def _take(batch: mail.Batch, box: Box, sessions: Sessions, result: Round) -> None:
    try:
        with sessions.open() as connection:
            given_up = batch.commit(connection, box.account)
    except duckdb.OutOfMemoryException:
        with sessions.open(roomy=True) as connection:
            given_up = batch.commit(connection, box.account, last=True)
    _decide(batch, sessions, result)
    settled = batch.settle(box, given_up)
    with sessions.open() as connection:
        reports.settled(connection, box.account.name, settled)


def _decide(batch: mail.Batch, sessions: Sessions, result: Round) -> None:
    try:
        _judge(batch, sessions, result, roomy=False)
    except duckdb.OutOfMemoryException:
        _judge(batch, sessions, result, roomy=True)


def _judge(batch: mail.Batch, sessions: Sessions, result: Round, *, roomy: bool) -> None:
    with sessions.open(roomy=roomy) as connection:
        result.suppressed += deciding.decide(connection, sessions.rules)
        _count(connection, batch, result)


def _count(connection: DuckDBPyConnection, batch: mail.Batch, result: Round) -> None:
    hashes = [message.sha256 for _, message in batch.fetched]
    row = connection.execute(statement("reports_count"), {"hashes": hashes}).fetchone()
    if row is not None:
        result.reports, result.proved = result.reports + row[0], result.proved + row[1]
    result.messages += len(batch.fetched)  # behind what memory may not suffice for, and is then done again
    result.left_out += sum(message.left_out for _, message in batch.fetched)
    result.unreadable += sum(message.error is not None for _, message in batch.fetched)
