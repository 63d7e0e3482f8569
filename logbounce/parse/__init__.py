"""Runs a parser over lines: which format it is, and what SQL reads it."""

from logbounce.parse.batches import Lines, arrow_lines
from logbounce.parse.detect import Detected, detect, speaks
from logbounce.parse.parsers import Parser, by_name, carriers, formats
from logbounce.parse.reader import Parsed, in_batches, parse_blocks
from logbounce.parse.views import EventReader, Reading, events_select

__all__ = [
    "Detected",
    "EventReader",
    "Lines",
    "Parsed",
    "Parser",
    "Reading",
    "arrow_lines",
    "by_name",
    "carriers",
    "detect",
    "events_select",
    "formats",
    "in_batches",
    "parse_blocks",
    "speaks",
]
