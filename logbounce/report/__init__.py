"""What happened to the mail of a period: figures, troubles, reasons, decisions."""

from logbounce.report.build import Report, Row, Section, build
from logbounce.report.disagreements import disagreements
from logbounce.report.period import Period, PeriodError

__all__ = ["Period", "PeriodError", "Report", "Row", "Section", "build", "disagreements"]
