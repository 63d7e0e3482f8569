"""Mail messages in files: one a file, mbox files and Maildir folders, plain or compressed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.errors import EmptyLogError, InputError
from logbounce.follow import open_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.follow.blocks import Readable

# RFC 4155: "From ", the sender, and a time that ends in the year or a zone.
_SEPARATOR = re.compile(rb"From \S*[ \t](?>[^\n]*?\d\d:\d\d)[^\n]*?\d{4}\b")
_FIELD = re.compile(rb"^([!-9;-~]{1,70})[ \t]*:", re.MULTILINE)
_USUAL = {
    *(
        b"from",
        b"to",
        b"subject",
        b"date",
        b"message-id",
        b"received",
        b"return-path",
        b"delivered-to",
        b"mime-version",
    ),
    *(
        b"content-type",
        b"x-original-to",
        b"dkim-signature",
        b"auto-submitted",
        b"reply-to",
        b"cc",
        b"x-failed-recipients",
    ),
}
_FIRST_LINES = 40
_PIECE = 64 * 1024
_CHUNK = 1024 * 1024


def is_message(path: str) -> bool:
    """Tell by its content whether a file is mail: a message, mbox or Maildir; InputError if it cannot be read."""
    if Path(path).is_dir():
        return is_maildir(path)
    with open_log(path) as log:
        return looks_like_mail(log.head)


def is_maildir(path: str) -> bool:
    """Tell whether a folder is a Maildir."""
    return any((Path(path) / name).is_dir() for name in ("cur", "new"))


def looks_like_mail(head: bytes) -> bool:
    """Tell whether a file begins as a message: an mbox line, or header fields of which two are usual."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if _SEPARATOR.match(head.splitlines()[0] if head else b""):
        return True
    lines = head[:_PIECE].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:_FIRST_LINES]
    if not lines or not _FIELD.match(lines[0]):
        return False
    names = {match[1].lower() for line in lines if (match := _FIELD.match(line))}
    return len(names & _USUAL) > 1


def messages_of(path: str, limit: int) -> Iterator[tuple[str, int, bytes]]:
    """Yield file, number (from 1) and bytes of each message in a file or Maildir, the first `limit` bytes of each."""
    if Path(path).is_dir():
        yield from _in_maildir(path, limit)
        return
    with open_log(path) as log:
        if not log.head.strip():
            raise EmptyLogError(f"{path}: is empty; expected a mail message, an mbox file or a Maildir folder")
        is_mbox = _SEPARATOR.match(log.head.lstrip(b"\r\n").splitlines()[0])
        messages = _split(log.stream, limit) if is_mbox else iter([_whole(log.stream, limit)])
        for number, raw in enumerate(messages, 1):
            yield path, number, raw


def _in_maildir(path: str, limit: int) -> Iterator[tuple[str, int, bytes]]:
    if not is_maildir(path):
        raise InputError(f"{path}: is a directory; expected a Maildir folder, with cur/ and new/ in it")
    for folder in ("new", "cur"):
        for file in sorted((Path(path) / folder).glob("*")):
            if file.is_file() and not file.name.startswith("."):
                with open_log(str(file)) as log:
                    yield str(file), 1, _whole(log.stream, limit)


def _whole(stream: Readable, limit: int) -> bytes:
    found = bytearray()
    while len(found) < limit and (piece := stream.read(min(limit - len(found), _CHUNK))):
        found += piece
    return bytes(found)


def _split(stream: Readable, limit: int) -> Iterator[bytes]:
    """Cut an mbox file at the lines that begin a message: those after a blank line."""
    message, blank = bytearray(), True
    for line in _lines(stream):
        if blank and message and line.startswith(b"From ") and _SEPARATOR.match(line):
            yield bytes(message)
            message.clear()
        blank = not line.strip()
        if len(message) < limit:
            message += line[: limit - len(message)]
    if message.strip():
        yield bytes(message)


def _lines(stream: Readable) -> Iterator[bytes]:
    """Yield lines, in pieces where one is longer than any mail line."""
    rest = b""
    while piece := stream.read(_CHUNK):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(rest) > _PIECE:
            yield rest
            rest = b""
    if rest:
        yield rest
