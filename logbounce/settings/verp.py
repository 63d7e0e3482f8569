"""The section `verp:` of the settings."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.settings.model import Verp, VerpKey
from logbounce.settings.private import private_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logbounce.settings.document import Value

_KEYS = ("domain", "prefix", "days", "keys")
_MOST_DAYS = 3_650  # the three letters of a day reach to 2109
_KEY_KEYS = ("name", "secret_env", "secret_file")


def verp(value: Value, environ: Mapping[str, str]) -> Verp:
    """Return the section; its secrets are read from where it says when they are asked for."""
    given = value.section(_KEYS)
    for key in ("domain", "keys"):
        if key not in given:
            raise value.error(f"verp: '{key}' is missing")
    days = given["days"].text() if "days" in given else "30"
    if not days.isdecimal() or not 1 <= int(days) <= _MOST_DAYS:
        raise given["days"].error(f"verp.days: expected a number of days from 1 to {_MOST_DAYS:,}, not '{days}'")
    keys = tuple(_key(element, environ) for element in given["keys"].elements())
    if not keys:
        raise given["keys"].error("verp.keys: expected at least one key")
    prefix = given["prefix"].text() if "prefix" in given else "b+"
    return Verp(given["domain"].text().lower(), prefix.lower(), int(days), keys)


def _key(element: Value, environ: Mapping[str, str]) -> VerpKey:
    given = element.section(_KEY_KEYS)
    if "name" not in given or ("secret_env" in given) == ("secret_file" in given):
        raise element.error(f"{element.name}: expected 'name' and either 'secret_env' or 'secret_file'")
    if "secret_env" in given:
        secret = functools.partial(_from_environment, given["secret_env"], environ)
    else:
        secret = functools.partial(_from_file, given["secret_file"])
    return VerpKey(given["name"].text(), secret)


def _from_environment(value: Value, environ: Mapping[str, str]) -> bytes:
    if not (secret := environ.get(value.text())):
        raise value.error(f"{value.name}: the environment has no {value.text()}")
    return secret.encode()


def _from_file(value: Value) -> bytes:
    return private_bytes(Path(value.beside()), lambda says: value.error(f"{value.name}: {says}")).strip()
