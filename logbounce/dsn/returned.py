"""Where the text of a report ends and the message that it returns begins."""

from __future__ import annotations

import re

_MARK = re.compile(
    r"^[ \t>]*(?:"
    r"-{2,}[ \t]*(?:[\w'.,]+[ \t]+){0,8}?(?:original (?:message|mail|header)|copy of|unsent message"
    r"|returned m(?:ail|essage)|message header|message follows|header of the)\b[^\n]*"
    r"|(?:the )?original message (?:follows|attached|headers?|is attached)\b[^\n]*"
    r"|message headers follow[^\n]*"
    r"|(?:included|here|below|the following) is a copy of (?:the|your)[^\n]*"
    r"|a copy of (?:the|your) (?:original )?message (?:below|follows|is|may)[^\n]*"
    r"|received:[ \t]?(?:from|by|\(|$)[^\n]*"
    r"|return-path:[^\n]*\n[A-Za-z-]{2,40}:[^\n]*"
    r")$",
    re.IGNORECASE | re.MULTILINE,
)


def cut(text: str) -> tuple[str, str]:
    """Return the report, and the message that it returns in its text (often none)."""
    match = _MARK.search(text)
    if match is None:
        return text, ""
    headers = match.group().lstrip(" \t>").lower().startswith(("received:", "return-path:"))
    return text[: match.start()], text[match.start() if headers else match.end() :]
