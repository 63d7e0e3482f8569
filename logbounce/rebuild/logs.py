"""The logs of the settings, with what was rotated away of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.errors import InputError
from logbounce.follow import chain

if TYPE_CHECKING:
    from logbounce.settings import Settings


def logs_of(settings: Settings) -> list[str]:
    """Return the files of all sources, each once. A journal is read by the next `tail`, from its beginning."""
    found: dict[tuple[int, int], str] = {}
    for source in settings.sources:
        if source.path:
            for path, identity in sorted(chain.listing(source.path, source.rotated).items()):
                found.setdefault(identity, path)
    if not found:
        raise InputError("the settings' sources have no file: name the logs, `logbounce rebuild FILE...`")
    return list(found.values())
