"""The groups of fields of a delivery status or feedback report (RFC 3464, RFC 5965), in a part or in running text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)")
_QUOTED = re.compile(r"^(?:> ?){1,5}", re.MULTILINE)
_AGAIN = frozenset({"final-recipient", "action", "original-recipient"})  # a group has one of each
_KNOWN = frozenset(
    {
        *("reporting-mta", "received-from-mta", "arrival-date", "original-envelope-id", "dsn-gateway"),
        *("final-recipient", "original-recipient", "action", "status", "remote-mta", "diagnostic-code"),
        *("last-attempt-date", "will-retry-until", "final-log-id", "x-actual-recipient", "x-display-name"),
    }
)
_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")
_MOST = 20_000  # lines
_LONGEST = 8 * 1024  # characters of a field that goes on over many lines: no more of one is ever looked at

Group = dict[str, str]


def groups(text: str) -> list[Group]:
    """Return the groups of a part that is nothing else; the first field of a name counts."""
    return _grouped(text, known=None)


def groups_in_text(text: str) -> list[Group]:
    """Return the groups that stand in a text, quoted or not, with everything else left out."""
    lower = text.lower()
    if "-recipient:" not in lower or ("action:" not in lower and "status:" not in lower):
        return []
    return _grouped(_QUOTED.sub("", text), known=_KNOWN)


def of_message(found: list[Group]) -> Group:
    """Return the fields that stand for the whole message."""
    merged = together([group for group in found if not is_recipient(group)])
    first = found[0] if found else {}
    return first | merged if is_recipient(first) else merged


def together(found: Sequence[Group]) -> Group:
    """Return the fields of several groups as one: of those with the same name, the first."""
    merged: Group = {}
    for group in reversed(found):  # not `group | merged`, which copies what is there for each of thousands of groups
        merged |= group
    return merged


def is_recipient(group: Group) -> bool:
    """Tell whether a group is about a recipient."""
    return any(name in group for name in _RECIPIENT)


def _grouped(text: str, known: frozenset[str] | None) -> list[Group]:
    found: list[Group] = [{}]
    last = ""
    for line in text.split("\n", _MOST)[:_MOST]:
        if not line.strip():
            last = ""
            if found[-1]:
                found.append({})
        elif line[0] in " \t" and last:
            if len(found[-1][last]) < _LONGEST:
                found[-1][last] += " " + line.strip()
        else:
            last = _take(found, line, known)
    return [group for group in found if group]


def _take(found: list[Group], line: str, known: frozenset[str] | None) -> str:
    """Put a field into the last group, or into a new one; return its name."""
    match = _FIELD.match(line.lstrip())
    name = match[1].lower() if match else ""
    if match is None or (known is not None and name not in known and not name.startswith("x-")):
        return ""
    if name in found[-1] and name in _AGAIN:
        found.append({})
    if name in found[-1]:
        return ""
    found[-1][name] = match[2].strip()
    return name
