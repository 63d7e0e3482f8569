"""Text of strangers as lines that fit a terminal."""

from __future__ import annotations

import textwrap

from logbounce.cli import output

_WIDTH = 100


def paragraph(text: str, indent: int, width: int = _WIDTH) -> list[str]:
    """Return the text escaped, wrapped and indented; its continuation lines stand two columns further in."""
    blank = " " * indent
    wrapped = textwrap.wrap(
        output.visible(text),
        width,
        initial_indent=blank,
        subsequent_indent=blank + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    return wrapped or [blank]
