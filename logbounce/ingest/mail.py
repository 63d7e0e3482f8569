"""One round through a mailbox: fetch what is new, commit it, and only then mark, move or delete it there."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.errors import GoneError, MailboxError, TooLargeError
from logbounce.ingest import reports
from logbounce.ingest.fetched import REPORTS, Fetched, Reader, storable
from logbounce.ingest.reports import Known
from logbounce.settings import Action, Protocol, Trust
from logbounce.verp import Signer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.mailbox import Box, Entry
    from logbounce.settings import Mailbox, Settings

_MESSAGES, _BYTES, _RECORDS = 100, 20_000_000, 2_000  # a commit; it ends with the message that reaches the last


@dataclass
class Batch:
    """Messages that were fetched, or turn out to be known and still to be settled; none is stored yet."""

    fetched: tuple[tuple[Entry, Fetched], ...]
    again: tuple[tuple[Entry, Known], ...] = ()  # stored by an earlier run, and still there

    def commit(self, connection: DuckDBPyConnection, account: Mailbox, *, last: bool = False) -> set[str]:
        """Store what the messages say; return the entries that could not be read too often by now.

        When memory does not suffice, it is the `last` try that finds out for which of them: these could not be read.
        """
        if not last:
            return reports.store(connection, account.name, [message for _, message in self.fetched])
        stored = reports.store_each(connection, account.name, [message for _, message in self.fetched])
        self.fetched = tuple(
            (entry, message) for (entry, _), message in zip(self.fetched, stored.messages, strict=True)
        )
        return stored.given_up

    def known(self, given_up: set[str]) -> dict[tuple[str, int], Known]:
        """Return what need not be fetched again now that it is stored and settled."""
        read = [(entry, message) for entry, message in self.fetched if not message.error or message.entry in given_up]
        return {
            (storable(entry.key), entry.size): Known(message.kind, message.error, settled=True, sha256=message.sha256)
            for entry, message in read
        }

    def settle(self, box: Box, given_up: set[str]) -> list[str]:
        """Do with the messages what the account says, after the commit; return the entries that are settled."""
        kinds = [(entry, message.kind) for entry, message in self.fetched if message.error is None]
        kinds += [(entry, seen.kind) for entry, seen in self.again if not seen.error]
        poison = [entry for entry, message in self.fetched if message.entry in given_up]
        poison += [entry for entry, seen in self.again if seen.error]
        box.settle(
            [entry for entry, kind in kinds if kind in REPORTS], [entry for entry, kind in kinds if kind not in REPORTS]
        )
        for entry in poison:
            box.quarantine(entry)
        return [storable(entry.key) for entry in (*(entry for entry, _ in kinds), *poison)]


def reader_of(account: Mailbox, settings: Settings) -> Reader:
    """Return how the messages of an account are read."""
    signer = Signer.of(settings.verp) if settings.verp else None
    return Reader(account.name, signer, account.trust is Trust.ANY)


def batches(box: Box, known: dict[tuple[str, int], Known], reader: Reader) -> Iterator[Batch]:
    """Yield what is new in a mailbox, oldest first, up to the `limit`; then what an earlier run did not settle."""
    account = box.account
    fresh: list[Entry] = []
    again: list[tuple[Entry, Known]] = []
    for entry in box.entries():
        seen = known.get((storable(entry.key), entry.size))
        if seen is not None and _is_left(account, seen):
            again.append((entry, seen))
        elif seen is None and len(fresh) < account.limit:
            fresh.append(entry)
    if account.protocol is Protocol.POP3:
        again, others = _verified(box, again)
        fresh += others
    for entries in _in_batches(fresh):
        yield from _fetched(box, entries, reader)
    if again:
        yield Batch((), tuple(again))


def _is_left(account: Mailbox, seen: Known) -> bool:
    """Tell whether a message should not be there any more, or was never marked: the last run died before that."""
    if not seen.settled or seen.error:
        return not seen.settled
    if seen.kind in REPORTS:
        return account.after.action in (Action.MOVE, Action.DELETE)
    return account.aside is not None


def _verified(box: Box, again: list[tuple[Entry, Known]]) -> tuple[list[tuple[Entry, Known]], list[Entry]]:
    """Tell messages that an earlier run stored from others that were given their UIDLs, and have the same size.

    RFC 1939 section 7 wants each UIDL to be used once; servers that number messages do not care, and what is deleted
    unread is lost.
    """
    same: list[tuple[Entry, Known]] = []
    others: list[Entry] = []
    for entry, seen in again[: box.account.limit]:
        if seen.sha256 is None:
            same.append((entry, seen))
            continue
        with suppress(GoneError, TooLargeError):
            if hashlib.sha256(box.fetch(entry)).hexdigest() == seen.sha256:
                same.append((entry, seen))
            else:
                others.append(entry)
    return same, others


def _in_batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        if batch and (len(batch) >= _MESSAGES or sum(one.size for one in batch) + entry.size > _BYTES):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _fetched(box: Box, entries: Iterable[Entry], reader: Reader) -> Iterator[Batch]:
    """Yield a batch; where the connection is cut, what came before that, so that the next run begins behind it."""
    found: list[tuple[Entry, Fetched]] = []
    try:
        for entry in entries:
            with suppress(GoneError):
                found.append((entry, _fetch(box, entry, reader)))
            if sum(len(message.rows) for _, message in found) >= _RECORDS:
                yield Batch(tuple(found))
                found = []
    except MailboxError:
        if found:
            yield Batch(tuple(found))
        raise
    if found:
        yield Batch(tuple(found))


def _fetch(box: Box, entry: Entry, reader: Reader) -> Fetched:
    try:
        raw = box.fetch(entry)
    except TooLargeError as error:
        return Fetched(storable(entry.key), entry.size, error=str(error))
    return reader.read(entry, raw)
