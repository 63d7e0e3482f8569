"""Runs a parser over lines: which format it is, and what SQL reads it."""

from logbounce.parse.batches import Lines, arrow_lines
from logbounce.parse.detect import Detected, detect
from logbounce.parse.parsers import Parser, by_name, carriers, formats
from logbounce.parse.reader import Parsed, in_batches, parse_blocks
from logbounce.parse.views import Reading, prepare, read_lines

__all__ = [
    "Detected",
    "Lines",
    "Parsed",
    "Parser",
    "Reading",
    "arrow_lines",
    "by_name",
    "carriers",
    "detect",
    "formats",
    "in_batches",
    "parse_blocks",
    "prepare",
    "read_lines",
]
