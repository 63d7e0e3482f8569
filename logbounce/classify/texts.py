"""Verdicts for reply texts that come from anywhere: `logbounce classify`, and the rules' own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logbounce.classify.verdicts import judge
from logbounce.database import memory, statement
from logbounce.rules import Example, publish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logbounce.rules import Rules


def classify_texts(texts: Sequence[str], rules: Rules) -> list[dict[str, Any]]:
    """Return one verdict per text, in order."""
    return classify_replies([Example(text) for text in texts], rules)


def classify_replies(replies: Sequence[Example], rules: Rules) -> list[dict[str, Any]]:
    """Return one verdict per reply, in order: its class, the rule that decided, and what was read from the text."""
    import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

    lines = pa.table(
        {
            "number": pa.array(range(len(replies)), pa.int64()),
            "text": pa.array([reply.text for reply in replies], pa.string()),
            "mta": pa.array([reply.mta for reply in replies], pa.string()),
            "provider": pa.array([reply.provider for reply in replies], pa.string()),
            "smtp_stage": pa.array([reply.smtp_stage for reply in replies], pa.string()),
        }
    )
    with memory() as connection:
        connection.register("lines", lines)
        publish(connection, rules)
        connection.execute(statement("classify_texts"))
        judge(connection, rules)
        answers = connection.execute(statement("classify_answers")).to_arrow_table().to_pylist()
    return [{"text": reply.text, **answer} for reply, answer in zip(replies, answers, strict=True)]
