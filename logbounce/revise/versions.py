"""Versions of the rules: each judges all that is stored, in one transaction, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from logbounce.clock import utc_now
from logbounce.database import connect, statement, transaction, value
from logbounce.errors import Exit, LogbounceError
from logbounce.revise import engine

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules


class VersionError(LogbounceError):
    """There is no version that could be taken back."""

    exit = Exit.NO


class Revision(NamedTuple):
    """What a version changed; `version` is None where nothing was to be changed, and so none was made."""

    version: int | None
    action: str  # apply, undo
    undoes: int | None
    templates_changed: int
    suppressed: int  # addresses, each for a stream: newly not to be mailed
    released: int
    replaced: int  # suppressed before and after, on other evidence


def apply(path: Path, rules: Rules, note: str | None = None) -> Revision:
    """Judge every template and every address that it concerns by these rules, and keep what that changes."""
    with connect(path, make=False) as connection, transaction(connection):
        return apply_to(connection, rules, note)


def apply_to(connection: DuckDBPyConnection, rules: Rules, note: str | None = None) -> Revision:
    """Do the same on an open database, in the caller's transaction."""
    changed = engine.compare(connection, rules)
    connection.execute("delete from meta where key = 'templates_digest'")
    connection.execute("insert into meta values ('templates_digest', $1)", [rules.digest])
    if not changed:
        engine.forget(connection)
        return Revision(None, "apply", None, 0, 0, 0, 0)
    version = _next(connection)
    engine.carry_out(connection, utc_now(), f"rules version {version}")
    connection.execute("insert into rule_policies select $1, * from policies", [version])
    return _keep(connection, version, "apply", digest=rules.digest, note=note)


def undo(path: Path) -> Revision:
    """Take back the last version that stands: classes, and decisions that nobody changed since, are as before it."""
    with connect(path, make=False) as connection, transaction(connection):
        return undo_in(connection)


def undo_in(connection: DuckDBPyConnection) -> Revision:
    """Do the same on an open database, in the caller's transaction."""
    undone = value(connection, "select applied_version()")
    if not undone:
        raise VersionError("no version of the rules is applied: `logbounce rules apply` makes one")
    engine.take_back(connection, undone)
    version = _next(connection)
    engine.carry_out(connection, utc_now(), f"rules version {undone} taken back")
    return _keep(connection, version, "undo", undoes=undone)


def _keep(connection: DuckDBPyConnection, version: int, action: str, **more: str | int | None) -> Revision:
    known = {"undoes": None, "digest": None, "note": None, **more}
    values = {"version": version, "action": action, "applied_at": utc_now(), **known}
    row = connection.execute(statement("revise_version"), values).fetchone() or ()
    connection.execute("insert into rule_changes select $1, * from template_changes", [version])
    engine.forget(connection)
    return Revision(*row)


def _next(connection: DuckDBPyConnection) -> int:
    return 1 + int(value(connection, "select coalesce(max(version), 0) from rule_versions"))
