"""A block of header fields (RFC 5322), by hand: the standard library's parser costs more than everything else here."""

from __future__ import annotations

import itertools
import re
from functools import cached_property

from logbounce.dsn import decode

_LONGEST = 256 * 1024
_MOST = 2000  # fields: two hundred parts may each have a header
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_END = re.compile(rb"\n[ \t]*\n")
_FOLD = re.compile(r"(?<!\s)\s*\n[ \t]*")  # begins at the first blank only: a run of them is looked at once
_PARAMETER = re.compile(r';\s*([A-Za-z0-9*_-]+)\s*=\s*(?:"([^"\n]{0,500})"|([^\s;"]{1,500}))')
_TYPE = re.compile(r"\s*([A-Za-z0-9.+_-]+/[A-Za-z0-9.+_-]+)")


def split(raw: bytes) -> tuple[Headers, bytes]:
    """Cut a message or a part after its header."""
    if raw.startswith(b"\n"):
        return Headers(b""), raw[1:]
    end = _END.search(raw)
    if end is None:
        return Headers(raw), b""
    return Headers(raw[: end.start()]), raw[end.end() :]


class Headers:
    """The fields of one header. Names are matched without case; a field that is not there is empty text."""

    __slots__ = ("__dict__", "_fields")

    def __init__(self, raw: bytes) -> None:
        self._fields: dict[str, list[bytes]] = {}
        for match in itertools.islice(_FIELD.finditer(raw, 0, _LONGEST), _MOST):
            self._fields.setdefault(match[1].decode("ascii").lower(), []).append(match[2])

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    @property
    def names(self) -> list[str]:
        """The names, lower-cased, in order."""
        return list(self._fields)

    def get(self, name: str) -> str:
        """Return the first field of a name, on one line."""
        values = self._fields.get(name)
        return _unfold(values[0]) if values else ""

    def all(self, name: str) -> list[str]:
        """Return every field of a name, each on one line."""
        return [_unfold(value) for value in self._fields.get(name, ())]

    def shown(self, name: str) -> str:
        """Return the first field of a name with its encoded words decoded."""
        return decode.words(self.get(name))

    @cached_property
    def type(self) -> str:
        """The media type, lower-cased; text/plain where none is told (RFC 2045 section 5.2)."""
        match = _TYPE.match(self.get("content-type"))
        return match[1].lower() if match else "text/plain"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of the content type."""
        found = _PARAMETER.findall(self.get("content-type"))
        return {name.lower(): quoted or bare for name, quoted, bare in found}

    @property
    def encoding(self) -> str:
        """The transfer encoding, lower-cased."""
        return self.get("content-transfer-encoding").strip().lower()


def _unfold(value: bytes) -> str:
    text = decode.characters(value, "utf-8")
    return (_FOLD.sub(" ", text) if "\n" in text else text).strip()
