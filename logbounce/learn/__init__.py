"""What the user's own mail says of the rules: how far they reach, and which rules are missing."""

from logbounce.learn.coverage import COLUMNS as COVERAGE_COLUMNS
from logbounce.learn.coverage import Coverage, coverage
from logbounce.learn.suggest import Suggestion, Suggestions, suggest
from logbounce.learn.writing import written

__all__ = ["COVERAGE_COLUMNS", "Coverage", "Suggestion", "Suggestions", "coverage", "suggest", "written"]
