"""Takes a password out of what a server says, in whatever form it repeats what was sent to it."""

from __future__ import annotations

import base64
import itertools
from typing import TYPE_CHECKING
from urllib.parse import quote

from imapclient import imap_utf7

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.settings import Secret

# So many characters of a longer secret tell of it too: a server may repeat the beginning of a token, or cut a line.
_TELLING = 12
# What comes, goes and is doubled where text is quoted (by us for IMAP, by the server, by Python's repr), and what no
# decoder knew.
_LOOSE = frozenset("\\\"'\ufffd")
MASK = "***"


def masked(text: str, user: str, secret: Secret) -> str:
    """Return the text with *** for each place that has the secret."""
    kept = [(place, low) for place, char in enumerate(text) if not _is_loose(char) for low in char.lower()]
    bare = "".join(low for _, low in kept)
    hits = sorted(hit for form in _forms(user, secret.reveal()) for hit in _found(bare, _bare(form)))
    pieces, done = [], 0
    for start, end in _merged(hits):
        first, last = _with_quotes(text, kept[start][0], kept[end - 1][0] + 1)
        if first >= done:
            pieces += [text[done:first], MASK]
        done = last
    return "".join((*pieces, text[done:]))


def _forms(user: str, text: str) -> Iterator[str]:
    """Yield the secret as it is sent, and as it may be repeated."""
    yield text
    yield text.encode("ascii", "ignore").decode()
    yield imap_utf7.encode(text).decode()
    yield text.encode("utf-7").decode()
    yield quote(text)
    for charset in ("utf-8", "latin-1"):
        yield repr(text.encode(charset, "ignore"))[2:-1]
    for sent in (f"\0{user}\0{text}", f"{user}\0{user}\0{text}", f"user={user}\1auth=Bearer {text}\1\1", text):
        yield base64.b64encode(sent.encode()).decode().rstrip("=")


def _is_loose(char: str) -> bool:
    return char in _LOOSE or char.isspace() or not char.isprintable()


def _bare(text: str) -> str:
    return "".join(low for char in text if not _is_loose(char) for low in char.lower())


def _found(bare: str, form: str) -> Iterator[tuple[int, int]]:
    """Yield where the whole form stands, or a telling part of it."""
    size = min(len(form), _TELLING)
    if not size:
        return
    parts = {form[start : start + size] for start in range(len(form) - size + 1)}
    for start in range(len(bare) - size + 1):
        if bare[start : start + size] in parts:
            yield start, start + size


def _merged(hits: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the stretches that hits which overlap or touch make together."""
    start = end = -1
    for first, last in hits:
        if first > end:
            if end > 0:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if end > 0:
        yield start, end


def _with_quotes(text: str, first: int, last: int) -> tuple[int, int]:
    """Return the stretch with the loose characters at its ends: they may be the secret's."""
    before = len(list(itertools.takewhile(_LOOSE.__contains__, reversed(text[:first]))))
    after = len(list(itertools.takewhile(_LOOSE.__contains__, text[last:])))
    return first - before, last + after
