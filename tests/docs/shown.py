"""What the documentation shows: console sessions and SQL, cut out of Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n+)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?")
DURATION = re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?)\b")
RULING = re.compile(r"[\u2500-\u257f+|=-]{2,}|[\u2500-\u257f]")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block that is to be run."""

    page: Path
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a console block and what it is said to print."""

    command: str
    output: str


def blocks(page: Path, language: str) -> Iterator[Block]:
    """Yield the page's blocks of a language, less those with a reason not to run them."""
    text = page.read_text()
    for match in FENCE.finditer(text):
        if match["language"] == language and not match["reason"]:
            yield Block(page, text.count("\n", 0, match.start("text")) + 1, match["text"])


def steps(text: str) -> Iterator[Step]:
    """Cut a console block at its `$` prompts; `>` continues a command."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *rest = part.splitlines()
        while rest and (command.endswith("\\") or rest[0].startswith("> ")):
            command += "\n" + rest.pop(0).removeprefix("> ")
        yield Step(command, "\n".join(rest))


def normal(output: str) -> list[str]:
    """Return the lines without what differs between runs and terminals: times, durations, rulings, widths."""
    output = RULING.sub(" ", DURATION.sub("DURATION", TIME.sub("TIME", output)))
    return [" ".join(line.split()) for line in output.splitlines() if line.strip()]


def agrees(shown: str, printed: str) -> bool:
    """Whether the output is as shown; a line `...` stands for any lines."""
    pattern = "\n".join(".*" if line == "..." else re.escape(line) for line in normal(shown))
    return re.fullmatch(pattern.replace("\n.*", "(\n.*)?"), "\n".join(normal(printed)), re.DOTALL) is not None
