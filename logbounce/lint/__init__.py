"""What is wrong with rules that load and whose examples hold: what can never act, and what says nothing."""

from logbounce.lint.all import lint
from logbounce.lint.finding import Finding

__all__ = ["Finding", "lint"]
