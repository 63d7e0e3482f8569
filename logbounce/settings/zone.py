"""Time zones: the machine's own, and which name is one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCALTIME = Path("/etc/localtime")
_DEBIAN = Path("/etc/timezone")
_FOLDER = "/zoneinfo/"
_LINKS = ("", "localtime", "posixrules")
_RULE = re.compile(r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)([+-]?\d{1,2})(?::00){0,2}", re.ASCII)  # tzset(3)


def zone(name: str, localtime: Path = _LOCALTIME, debian: Path = _DEBIAN) -> str | None:
    """Return the name by which DuckDB, too, knows a zone of the IANA time zone database; None if there is none.

    Beside those names the system's folder has copies (posix/), zones that count leap seconds (right/), and links.
    """
    if name == "localtime":
        return _local(localtime, debian)
    name = name.removeprefix("posix/")
    return name if name not in _LINKS and not name.startswith("right/") and _is_file(name) else None


def _is_file(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        return False
    return True


def machine_zone(environ: Mapping[str, str], localtime: Path = _LOCALTIME, debian: Path = _DEBIAN) -> str:
    """Return the machine's IANA zone, as tzset(3) finds it: TZ, then /etc/localtime; UTC when neither has a name."""
    given = environ.get("TZ", "").removeprefix(":")
    if given and given != str(localtime):  # `TZ=:/etc/localtime` spares the C library a look at the file
        named = _of_path(given) if given.startswith("/") else given
        found = zone(named, localtime, debian) or _fixed(named)
        if found is None:
            raise SettingsError(
                f"TZ: '{given}' is not the name of a time zone: set `timezone` in logbounce.yaml, LOGBOUNCE_TIMEZONE "
                f"or TZ to one such as Europe/Berlin"
            )
        return found
    return _local(localtime, debian) or "UTC"


def _local(localtime: Path, debian: Path) -> str | None:
    written = debian.read_text(encoding="utf-8").strip() if debian.is_file() else ""
    candidates = (_of_path(str(localtime)), written)
    return next((found for name in candidates if name not in _LINKS and (found := zone(name))), None)


def _of_path(path: str) -> str:
    """Return the name of the zone whose file this is, or a link to it."""
    return path.partition(_FOLDER)[2] or os.path.realpath(path).partition(_FOLDER)[2]


def _fixed(rule: str) -> str | None:
    """Return the zone of a POSIX rule with whole hours and no summer time: `<+03>-3` is Etc/GMT-3, west is positive."""
    if (found := _RULE.fullmatch(rule)) is None:
        return None
    return zone(f"Etc/GMT{int(found[1]):+d}")
