"""The events of a log as they are read, before they meet each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logbounce.follow import blocks, open_log
from logbounce.ingest.inspect import reading_of
from logbounce.parse import parse_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.settings import Settings

_ROWS = 1000
_INTERNAL = {"line_id", "repeats", "message_key", "use"}


def events_of(path: str, settings: Settings, wanted: str | None) -> Iterator[dict[str, Any]]:
    """Yield what each line of the log at `path` says: the columns of sql/events.sql that it fills."""
    with open_log(path) as log:
        for parsed in parse_blocks(blocks(log.stream), reading_of(log, settings, wanted)):
            for batch in parsed.events.sort_by([("pos", "ascending"), ("kind", "ascending")]).to_batches(_ROWS):
                yield from map(_given, batch.to_pylist())
            for pos, text in parsed.overlong:
                yield {"kind": "unparsed", "pos": pos, "reason": "longer than 65,536 bytes", "line": text}


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and name not in _INTERNAL}
