"""Texts that a /pattern/ matches, each made by taking one way through it."""

from __future__ import annotations

import re

from logbounce.rules import compiled

_WAYS = 6
_SECONDS = 0.05
_NUMBERS = ("1", "250", "12345", "7", "55", "1048576")  # for \d+: those that the mask takes and those that it keeps
_RUNS = ("1234567890", "5501234567", "0000000000")  # for \d\d\d
_CLASSES = {"s": " ", "w": "x", "S": "x", "D": "x", "W": "-"}
_NOTHING = "bBAz"  # they match places
_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")
_GROUP = re.compile(r"\((?:\?:|\?P?<\w+>|\?[a-z]+:)?([^()]*)\)")
_COUNTED = re.compile(r"(.)(?:\{(\d+)(?:,\d*)?\}|([*+?]))[?+]?", re.DOTALL)

# A character that is none of the pattern's syntax is moved out of its way, until all of that has gone.
_AWAY = 0xE000
_DIGIT = chr(_AWAY + 0x1000)


def samples(pattern: str) -> list[str]:
    """Return a few texts that the pattern matches; none where it is too involved for this."""
    found = dict.fromkeys(_sample(pattern[1:-1], way) for way in range(_WAYS))
    return [text for text in found if _matches(pattern, text)]


def _matches(pattern: str, text: str) -> bool:
    try:
        return compiled(pattern).search(text, timeout=_SECONDS) is not None
    except TimeoutError:
        return False


def _sample(pattern: str, way: int) -> str:
    text = _CLASS.sub(lambda match: _member(match[1], match[2], way), pattern)
    text = re.sub(r"\\(.)", lambda match: _escaped(match[1]), text)
    text = re.sub(r"[\^$]", "", text.replace(".", _away("x")))
    while _GROUP.search(text):
        text = _GROUP.sub(lambda match: _choice(match[1], way), text)
    text = _COUNTED.sub(lambda match: _times(match, way), _choice(text, way))
    text = re.sub(f"{_DIGIT}+", lambda match: _RUNS[way % len(_RUNS)][: len(match[0])], text)
    return "".join(chr(ord(char) - _AWAY) if ord(char) >= _AWAY else char for char in text)


def _away(char: str) -> str:
    return chr(_AWAY + ord(char)) if char.isascii() else char


def _member(negated: str, members: str, way: int) -> str:
    """Return one character of a [class]."""
    if negated:
        return _away("x")
    words = re.findall(r"\\?.", re.sub(r"(?<!\\)(\w)-\w", r"\1", members))
    chosen = words[way % len(words)]
    return _escaped(chosen[1]) if chosen.startswith("\\") else _away(chosen)


def _escaped(char: str) -> str:
    if char == "d":
        return _DIGIT
    return "" if char in _NOTHING else _away(_CLASSES.get(char, char))


def _choice(text: str, way: int) -> str:
    choices = text.split("|")
    return choices[way % len(choices)]


def _times(match: re.Match[str], way: int) -> str:
    if match[2] is not None:
        return match[1] * min(int(match[2]), 100)
    return _number(way) if match[1] == _DIGIT and match[3] != "?" else match[1]


def _number(way: int) -> str:
    return "".join(map(_away, _NUMBERS[way % len(_NUMBERS)]))
