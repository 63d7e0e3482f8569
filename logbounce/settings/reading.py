"""Reads the settings: flags before the environment, before logbounce.yaml, before the defaults."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from logbounce import shipped
from logbounce.errors import SettingsError
from logbounce.settings.accounts import mailboxes
from logbounce.settings.document import Value, read
from logbounce.settings.model import Settings, Source
from logbounce.settings.verp import verp
from logbounce.settings.zone import machine_zone, zone

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_DATABASE = Path("logbounce.duckdb")
_KEYS = ("database", "timezone", "sources", "source_ips", "rules", "mailboxes", "verp")
_SOURCE_KEYS = (
    "name", "format", "path", "rotated", "journal", "journal_directory", "host", "carrier", "columns",
)  # fmt: skip
VARIABLES = (
    "LOGBOUNCE_CONFIG", "LOGBOUNCE_DATABASE", "LOGBOUNCE_TIMEZONE", "LOGBOUNCE_RULES", "LOGBOUNCE_DEBUG",
    "LOGBOUNCE_LOCK_WARNING_SECONDS",
)  # fmt: skip


def load(
    config: Path | None = None,
    *,
    database: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Return the settings; `config` and `database` are the flags --config and --db."""
    file = find(config, environ)
    document = read(file) if file else None
    top = document.section(_KEYS) if document else {}
    return Settings(
        database=database or _path(top.get("database"), environ, "LOGBOUNCE_DATABASE") or DEFAULT_DATABASE,
        timezone=_timezone(top.get("timezone"), environ),
        sources=top["sources"].named("source", _source) if "sources" in top else (),
        source_ips=_source_ips(top["source_ips"]) if "source_ips" in top else MappingProxyType({}),
        rules=_path(top.get("rules"), environ, "LOGBOUNCE_RULES"),
        mailboxes=mailboxes(top["mailboxes"]) if "mailboxes" in top else (),
        verp=verp(top["verp"], environ) if "verp" in top else None,
        file=file,
    )


def find(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the settings file: the one that was named, else the first that exists."""
    named = config or (Path(value) if (value := environ.get("LOGBOUNCE_CONFIG")) else None)
    if named:
        return named
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/")) / ".config")
    places = (Path("logbounce.yaml"), home / "logbounce/logbounce.yaml", Path("/etc/logbounce/logbounce.yaml"))
    return next((place for place in places if os.path.lexists(place)), None)


def _path(value: Value | None, environ: Mapping[str, str], variable: str) -> Path | None:
    if given := environ.get(variable):
        return Path(given).expanduser()
    return None if value is None else Path(value.beside())


def _timezone(value: Value | None, environ: Mapping[str, str]) -> str:
    if name := environ.get("LOGBOUNCE_TIMEZONE"):
        if (found := zone(name)) is None:
            raise SettingsError(
                f"LOGBOUNCE_TIMEZONE: unknown time zone '{name}', expected a name such as Europe/Berlin"
            )
        return found
    if value is None:
        return machine_zone(environ)
    if (found := zone(name := value.text())) is None:
        raise value.error(f"timezone: unknown time zone '{name}', expected a name such as Europe/Berlin")
    return found


def _source(element: Value) -> Source:
    given = element.section(_SOURCE_KEYS)
    for key in ("name", "format"):
        if key not in given:
            raise element.error(f"{element.name}: '{key}' is missing")
    if ("path" in given) == ("journal" in given):
        raise element.error(f"{element.name}: expected either 'path' or 'journal'")
    for key, needed in (("rotated", "path"), ("journal_directory", "journal")):
        if key in given and needed not in given:
            raise given[key].error(f"{element.name}: '{key}' goes with '{needed}'")
    return Source(
        name=given["name"].text(),
        format=_one_of(given["format"], "format", shipped.parsers()),
        path=given["path"].beside() if "path" in given else "",
        rotated=given["rotated"].beside() if "rotated" in given else None,
        journal=given["journal"].text() if "journal" in given else None,
        journal_directory=given["journal_directory"].beside() if "journal_directory" in given else None,
        host=given["host"].text() if "host" in given else None,
        carrier=_one_of(given["carrier"], "carrier", shipped.parsers() / "carriers") if "carrier" in given else None,
        columns=tuple(column.text() for column in given["columns"].elements()) if "columns" in given else (),
    )


def _one_of(value: Value, kind: str, folder: Path) -> str:
    """Return the name of a parser of this folder."""
    known = sorted(file.stem for file in folder.glob("*.sql"))
    if (name := value.text()) not in known:
        raise value.error(f"{value.name}: unknown {kind} '{name}', expected one of {', '.join(known)}")
    return name


def _source_ips(value: Value) -> Mapping[str, str]:
    """Return instance, transport or vmta to IP, each IP in its canonical form (RFC 5952)."""
    return MappingProxyType({key.text(): _ip(entry) for key, entry in value.entries()})


def _ip(value: Value) -> str:
    try:
        return str(ipaddress.ip_address(value.text()))
    except ValueError as error:
        raise value.error(f"{value.name}: '{value.text()}' is not an IP address") from error
