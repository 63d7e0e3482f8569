"""One round through a mailbox: fetch what is new, commit it, and only then mark, move or delete it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.errors import GoneError, TooLargeError
from logbounce.ingest import reports
from logbounce.ingest.fetched import REPORTS, Fetched, Reader
from logbounce.ingest.reports import Known
from logbounce.settings import Action, Trust
from logbounce.verp import Signer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.mailbox import Box, Entry
    from logbounce.settings import Mailbox, Settings

_MESSAGES, _BYTES = 100, 20_000_000  # a commit


@dataclass(frozen=True)
class Batch:
    """Messages that were fetched, or turn out to be known and still to be settled; none is stored yet."""

    fetched: tuple[tuple[Entry, Fetched], ...]
    again: tuple[tuple[Entry, str | None], ...] = ()  # with their kinds: stored by an earlier run, and still there

    def commit(self, connection: DuckDBPyConnection, account: Mailbox) -> set[str]:
        """Store what the messages say; return the entries that could not be read too often by now."""
        return reports.store(connection, account.name, [message for _, message in self.fetched])

    def known(self, given_up: set[str]) -> dict[tuple[str, int], Known]:
        """Return what need not be fetched again now that it is stored and settled."""
        read = [(entry, message) for entry, message in self.fetched if not message.error or entry.key in given_up]
        return {(entry.key, entry.size): Known(message.kind, message.error, settled=True) for entry, message in read}

    def settle(self, box: Box, given_up: set[str]) -> list[str]:
        """Do with the messages what the account says, after the commit; return the entries that are settled."""
        kinds = [(entry, message.kind) for entry, message in self.fetched if message.error is None]
        kinds += self.again
        processed = [entry for entry, kind in kinds if kind in REPORTS]
        box.settle(processed, [entry for entry, kind in kinds if kind not in REPORTS])
        for entry, message in self.fetched:
            if message.entry in given_up:
                box.quarantine(entry)
        return [entry.key for entry, _ in kinds]


def reader_of(account: Mailbox, settings: Settings) -> Reader:
    """Return how the messages of an account are read."""
    signer = Signer.of(settings.verp) if settings.verp else None
    return Reader(account.name, signer, account.trust is Trust.ANY)


def batches(box: Box, known: dict[tuple[str, int], Known], reader: Reader) -> Iterator[Batch]:
    """Yield what is new in a mailbox, oldest first, up to the `limit`; then what an earlier run did not settle."""
    account = box.account
    fresh: list[Entry] = []
    again: list[tuple[Entry, str | None]] = []
    for entry in box.entries():
        seen = known.get((entry.key, entry.size))
        if seen is None and len(fresh) < account.limit:
            fresh.append(entry)
        elif seen is not None and not seen.error and _is_left(account, seen):
            again.append((entry, seen.kind))
    for entries in _in_batches(fresh):
        yield Batch(tuple(_fetch(box, entries, reader)))
    if again:
        yield Batch((), tuple(again))


def _is_left(account: Mailbox, seen: Known) -> bool:
    """Tell whether a message should not be there any more, or was never marked: the last run died before that."""
    return not seen.settled or account.after.action in (Action.MOVE, Action.DELETE)


def _in_batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        if batch and (len(batch) >= _MESSAGES or sum(one.size for one in batch) + entry.size > _BYTES):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _fetch(box: Box, entries: Iterable[Entry], reader: Reader) -> Iterator[tuple[Entry, Fetched]]:
    for entry in entries:
        try:
            raw = box.fetch(entry)
        except GoneError:
            continue
        except TooLargeError as error:
            yield entry, Fetched(entry.key, entry.size, error=str(error))
            continue
        yield entry, reader.read(entry, raw)
