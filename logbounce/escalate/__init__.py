"""Decides which addresses are not to be mailed any more: sql/escalate.sql says how."""

from logbounce.escalate.ledger import append
from logbounce.escalate.policy import escalate, judge_again, weigh

__all__ = ["append", "escalate", "judge_again", "weigh"]
