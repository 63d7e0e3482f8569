"""Bytes to text, whatever they are: line ends, transfer encodings, charsets. Nothing here raises."""

from __future__ import annotations

import binascii
import re

LONGEST_TEXT = 64 * 1024  # bytes of one part that are read as text: what a report says stands at its beginning

# A charset is named by a stranger, and Python has codecs that are none (zip, rot13) or take quadratic time (punycode).
_CHARSET = re.compile(
    r"utf-?(?:7|8|16(?:-?[lb]e)?)|unicode-1-1-utf-7|us-ascii|ascii|latin-?1|iso-?8859-\d{1,2}"
    r"|(?:windows-|cp)\d{3,4}|koi8-[rut]"
    r"|iso-2022-(?:jp(?:-[123]|-2004|-ext)?|kr)|(?:x-)?s(?:hift)?[-_]?jis|x-sjis|windows-31j|ms932|euc-?(?:jp|kr)|gb2312|gbk|gb18030|hz-gb-2312"
    r"|big5(?:-hkscs)?|ks_c_5601-1987|tis-620|mac-?roman",
    re.IGNORECASE,
)
_OTHER_NAMES = {"x-sjis": "shift_jis", "windows-31j": "cp932", "ms932": "cp932", "x-shift_jis": "shift_jis"}
_JAPANESE = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")  # ISO-2022-JP says so itself, whatever the header says
_WORD = re.compile(r"=\?([A-Za-z0-9_+.-]{1,40})(?:\*[^?]{0,20})?\?([bBqQ])\?([^?\n]{0,2000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?)")
_MANY_CR = re.compile(rb"(?<!\r)\r+\n")  # begins at the first CR only: a run of them is looked at once


def lines(raw: bytes) -> bytes:
    """Return the message with LF line ends, without a byte order mark, an mbox line or blank lines before it."""
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
        raw = (_MANY_CR.sub(b"\n", raw) if b"\r\n" in raw else raw).replace(b"\r", b"\n")
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\n")
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    return raw


def text(body: bytes, encoding: str, charset: str) -> str:
    """Return the text of a part: at most LONGEST_TEXT bytes of it, undecodable bytes replaced."""
    return characters(content(body[: 2 * LONGEST_TEXT], encoding)[:LONGEST_TEXT], charset).replace("\0", "")


def content(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding, as far as it can be undone."""
    if encoding == "base64":
        return _base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body


def _base64(body: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", body.partition(b"=")[0])
    try:
        return binascii.a2b_base64(clean[: len(clean) & ~3] + _last(clean[len(clean) & ~3 :]))
    except binascii.Error:
        return body


def _last(rest: bytes) -> bytes:
    """Fill up what a truncated message left; one character alone is nothing."""
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def characters(data: bytes, charset: str) -> str:
    """Decode bytes: what they show themselves to be, then what the header says, then Latin-1."""
    if data.isascii() and b"\x1b" not in data and not charset.lower().startswith(("utf-16", "hz", "utf-7", "unicode")):
        return data.decode("ascii")
    if _JAPANESE.search(data):
        return data.decode("iso2022_jp_2", "replace")
    for name in ("utf-8", charset):
        if name == "utf-8" or _CHARSET.fullmatch(name):
            try:
                return data.decode(_OTHER_NAMES.get(name.lower(), name))
            except (UnicodeError, LookupError):
                continue
    return data.decode(charset, "replace") if _is_multibyte(charset) else data.decode("latin-1")


def _is_multibyte(charset: str) -> bool:
    """Tell whether Latin-1 would make gibberish of good characters: the text may be cut in the midst of one."""
    known = {"utf-8", "iso-2022-jp", "shift_jis", "euc-jp", "gb2312", "gbk", "gb18030", "big5", "euc-kr"}
    return charset.lower() in known


def words(value: str) -> str:
    """Decode the encoded words of a header (RFC 2047)."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _BETWEEN.sub(r"\1\2", value))


def _word(match: re.Match[str]) -> str:
    charset, form, data = match.groups()
    raw = data.encode("ascii", "replace")
    decoded = _base64(raw) if form in "bB" else binascii.a2b_qp(raw, header=True)
    return characters(decoded, charset)
