"""What has been read, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logbounce.database import connect, statement

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

Record = dict[str, Any]
_NAMED_INSTANCES = 5


@dataclass(frozen=True, slots=True)
class Status:
    """A database as it stands."""

    database: str
    database_bytes: int
    totals: Record
    sources: list[Record]
    instances_without_ip: list[Record]
    notes: list[str]


def read_status(path: Path) -> Status:
    """Read how the database stands."""
    with connect(path, read_only=True) as connection:
        totals = _records(connection, "status_totals")[0]
        sources = _records(connection, "status_sources")
        instances = _records(connection, "status_instances")
    notes = [*_address_notes(totals, instances), *_source_notes(sources), *_response_notes(totals)]
    return Status(str(path), path.stat().st_size, totals, sources, instances, notes)


def _records(connection: DuckDBPyConnection, name: str) -> list[Record]:
    found = connection.execute(statement(name))
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _address_notes(totals: Record, instances: list[Record]) -> list[str]:
    """Say how to name the sending IP: Postfix never logs it, Exim only with +outgoing_interface."""
    if not totals["without_source_ip"]:
        return []
    names = [str(row["instance"]) for row in instances if row["instance"]]
    example = ", ".join(f"{name}: IP" for name in names[:_NAMED_INSTANCES])
    more = f" and {len(names) - _NAMED_INSTANCES} more" if len(names) > _NAMED_INSTANCES else ""
    told = f"{totals['without_source_ip']} of {totals['attempts']} attempts have no source_ip"
    if not names:
        return [f"{told}, and no instance name to map to one"]
    return [f"{told}: say in logbounce.yaml which IP each instance sends from: source_ips: {{{example}}}{more}"]


def _source_notes(sources: list[Record]) -> list[str]:
    notes = [
        f"{row['source_name']}: PowerMTA logs deliveries and bounces only, so deferrals are invisible:"
        " add `records d,b,t,tq,rb,f` to its <acct-file>"
        for row in sources
        if row["deferrals_invisible"]
    ]
    if unparsed := sum(row["unparsed"] for row in sources):
        notes.append(f'{unparsed} lines were not understood: `logbounce query "from unparsed_lines"` lists them')
    return notes


def _response_notes(totals: Record) -> list[str]:
    if not (count := totals["unknown_responses"]):
        return []
    return [f'unexplained responses: {count}: `logbounce query "from unknown_responses"` lists them']
