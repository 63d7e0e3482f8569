"""Time zones: the machine's own, and whether a name is one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCALTIME = Path("/etc/localtime")
_DEBIAN = Path("/etc/timezone")


def is_zone(name: str) -> bool:
    """Tell whether this is a name of the IANA time zone database."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        return False
    return True


def machine_zone(environ: Mapping[str, str], localtime: Path = _LOCALTIME, debian: Path = _DEBIAN) -> str:
    """Return the machine's IANA zone, as tzset(3) finds it: TZ, then /etc/localtime; UTC when neither has a name."""
    _, _, linked = os.path.realpath(localtime).partition("/zoneinfo/")
    written = debian.read_text(encoding="utf-8").strip() if debian.is_file() else ""
    candidates = (environ.get("TZ", "").removeprefix(":"), linked, written)
    return next((name for name in candidates if name and is_zone(name)), "UTC")
