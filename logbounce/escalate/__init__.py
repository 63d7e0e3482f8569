"""Decides which addresses are not to be mailed any more: sql/escalate.sql says how."""

from logbounce.escalate.policy import escalate

__all__ = ["escalate"]
