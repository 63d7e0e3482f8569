"""Runs a parser over lines: which format it is, and what SQL reads it."""

from logbounce.parse.batches import Lines, arrow_lines
from logbounce.parse.detect import Detected, detect
from logbounce.parse.parsers import Parser, by_name, carriers, formats
from logbounce.parse.views import Reading, prepare, read_lines

__all__ = ["Detected", "Lines", "Parser", "Reading", "arrow_lines", "by_name", "carriers", "detect", "formats", "prepare", "read_lines"]
