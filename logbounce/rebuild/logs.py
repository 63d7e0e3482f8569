"""The logs of the settings, with what was rotated away of them."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING

from logbounce.errors import InputError

if TYPE_CHECKING:
    from logbounce.settings import Settings

_ROTATED = ("", ".*", "-*")  # mail.log, mail.log.2.gz, mail.log-20261120.gz (logrotate(8), dateext)
_NO_LOGS = (".offset", ".lock", ".tmp", ".swp")  # what pygtail and others leave beside a log


def logs_of(settings: Settings) -> list[str]:
    """Return the files of all sources, each once."""
    found: dict[tuple[int, int], str] = {}
    for source in settings.sources:
        # One with a bracket in its name is no pattern.
        base = glob.escape(source.path) if os.path.lexists(source.path) else source.path
        for rotated in _ROTATED:
            for path in sorted(glob.glob(base + rotated)):  # noqa: PTH207 - the pattern is absolute
                if os.path.isfile(path) and not path.endswith(_NO_LOGS):  # noqa: PTH113 - of a pattern's text
                    status = os.stat(path)  # noqa: PTH116
                    found.setdefault((status.st_dev, status.st_ino), path)
    if not found:
        raise InputError("the settings' sources have no file: name the logs, `logbounce rebuild FILE...`")
    return list(found.values())
