"""rules.yaml, the user's own rules before it: categories, providers, policy, alerts and rules as one frozen object."""

from logbounce.rules.beyond import compiled, needs_more, re2_refuses
from logbounce.rules.check import check
from logbounce.rules.find import find
from logbounce.rules.load import load_rules
from logbounce.rules.model import Alert, Category, Example, Policy, Preset, Provider, Rule, Rules, Stream, is_pattern
from logbounce.rules.publish import publish
from logbounce.rules.read import CONDITIONS

__all__ = [
    "CONDITIONS",
    "Alert",
    "Category",
    "Example",
    "Policy",
    "Preset",
    "Provider",
    "Rule",
    "Rules",
    "Stream",
    "check",
    "compiled",
    "find",
    "is_pattern",
    "load_rules",
    "needs_more",
    "publish",
    "re2_refuses",
]
