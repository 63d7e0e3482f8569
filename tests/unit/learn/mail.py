"""A database of refusals: only what a test is about is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.classify import classify_templates
from tests.unit.cli.rows import insert

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.rules import Rules

_SPLIT = "select mask_reply($1), reply_code($1), reply_status($1)"


class Mail:
    """Attempts, numbered as they come; each text that was said becomes a template."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self.connection = connection
        self._attempts = 0
        self._templates: dict[str, int] = {}

    def attempt(self, recipient: str, said: str | None, **values: object) -> None:
        """Store an attempt that was refused with these words; with None it was delivered."""
        self._attempts += 1
        outcome = "delivered" if said is None else "bounced"
        row = {"outcome": outcome, "recipient": recipient, "mta": "postfix", "response": said, **values}
        if said is not None:
            row["template_id"] = self._template(said)
        insert(self.connection, "attempt_rows", attempt_id=self._attempts, delivery_id=self._attempts, **row)

    def judge(self, rules: Rules) -> None:
        """Let the rules classify what is new."""
        classify_templates(self.connection, rules)

    def _template(self, said: str) -> int:
        found = self.connection.execute(_SPLIT, [said]).fetchone()
        assert found
        template, code, status = found
        if template not in self._templates:
            self._templates[template] = number = len(self._templates) + 1
            values = {"template_id": number, "template": template, "sample": said}
            insert(self.connection, "response_templates", **values, smtp_code=code, enhanced_status=status)
        return self._templates[template]
