"""The words of an HTML report."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<[^<>]{0,2000}>")
_ADDRESS = re.compile(r"<([^\s<>@]{1,100}@[^\s<>@]{1,255})>")
_BREAK = re.compile(r"<\s{0,3}/?\s{0,3}(?:br|p|div|tr|td|li|h\d|table|pre|title)\b[^<>]{0,2000}>", re.IGNORECASE)
_HIDDEN = (("<style", "</style"), ("<script", "</script"), ("<!--", "-->"))
_NO_LETTER = re.compile(r"&#[0-9]{100,};?")  # Python refuses to read a number of so many digits
_BLANKS = re.compile(r"[ \t\xa0]+")
_BLANK_LINES = re.compile(r"\n[ \n]*\n")


def words(text: str) -> str:
    """Return the text between the tags, a line for each block."""
    for begin, end in _HIDDEN:
        text = _without(text, begin, end)
    text = _ADDRESS.sub(r"&lt;\1&gt;", text)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    text = html.unescape(_NO_LETTER.sub("\ufffd", text))
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub(" ", text))


def _without(text: str, begin: str, end: str) -> str:
    """Cut out what stands between two marks, the rest if the second is missing."""
    kept, lower, position = [], text.lower(), 0
    while (start := lower.find(begin, position)) >= 0:
        kept.append(text[position:start])
        stop = lower.find(end, start)
        position = stop + len(end) if stop >= 0 else len(text)
    kept.append(text[position:])
    return "".join(kept)
