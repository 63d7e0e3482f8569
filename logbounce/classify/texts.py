"""Verdicts for reply texts that come from anywhere: `logbounce classify`, and the rules' own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from logbounce.classify.beyond import try_beyond
from logbounce.classify.verdicts import judgement
from logbounce.database import memory, statement, value
from logbounce.rules import Example, publish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from pyarrow import Table

    from logbounce.rules import Rules

_CONTEXT = ("mta", "provider", "smtp_stage")
_PIECE = 8_192  # rows of a batch: DuckDB's threads take one batch after the other
_REMEMBERED = 200_000  # templates; a log has some hundreds

T = TypeVar("T")


class Classifier(Generic[T]):
    """Judges one batch of replies after the other.

    A template is judged once, and `shape` makes of its verdict what is wanted. A verdict has `provider`, `smtp_code`,
    `enhanced_status`, `category`, `bounce_class`, `act` and `rule_id`, which is None where no rule fits.
    """

    def __init__(self, rules: Rules, shape: Callable[[dict[str, Any]], T]) -> None:
        self._rules = rules
        self._shape = shape
        self._verdicts: list[T] = []
        self._planned = False
        self._connection = memory()
        publish(self._connection, rules)
        self._connection.execute(statement("classify_known"))

    def __enter__(self) -> Self:
        """Return the classifier itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database in memory."""
        self._connection.close()

    def texts(self, texts: Sequence[str]) -> list[T]:
        """Return the verdict of each text, in order."""
        import pyarrow as pa  # noqa: PLC0415 - costs more to import than most commands take

        return self._judge(_table(texts, dict.fromkeys(_CONTEXT, pa.nulls(len(texts), pa.string()))))

    def replies(self, replies: Sequence[Example]) -> list[T]:
        """Return the verdict of each reply, in order."""
        import pyarrow as pa  # noqa: PLC0415 - likewise

        context = {name: pa.array([getattr(reply, name) for reply in replies], pa.string()) for name in _CONTEXT}
        return self._judge(_table([reply.text for reply in replies], context))

    def _judge(self, lines: Table) -> list[T]:
        if len(self._verdicts) > _REMEMBERED:  # of a flood of replies that are all different
            self._connection.execute(statement("classify_known"))
            self._verdicts, self._planned = [], False
        self._connection.register("lines", lines)
        self._connection.execute(statement("classify_texts"))
        self._judge_new()
        numbers = self._connection.execute(statement("classify_numbers")).to_arrow_table()["key"].to_pylist()
        return [self._verdicts[number] for number in numbers]

    def _judge_new(self) -> None:
        if value(self._connection, "select count(*) from replies"):
            beyond = try_beyond(self._connection, self._rules)
            if not self._planned:
                self._plan(beyond)
            found = self._connection.execute("execute judge").to_arrow_table()
            self._verdicts.extend(map(self._shape, found.drop_columns("key").to_pylist()))

    def _plan(self, beyond: Sequence[str]) -> None:
        """Plan the rules, which takes the time of ten thousand texts, once and for texts of any kind.

        DuckDB would leave out the rules that no text of the first batch can meet.
        """
        self._connection.execute("set disabled_optimizers = 'statistics_propagation'")
        select = judgement(self._connection, self._rules, beyond)
        self._connection.execute(f"prepare judge as from ({select}) order by key")
        self._connection.execute("reset disabled_optimizers")
        self._planned = True


def classify_texts(texts: Sequence[str], rules: Rules) -> list[dict[str, Any]]:
    """Return one verdict per text, in order."""
    return classify_replies([Example(text) for text in texts], rules)


def classify_replies(replies: Sequence[Example], rules: Rules) -> list[dict[str, Any]]:
    """Return one verdict per reply, in order: its class, the rule that decided, and what was read from the text."""
    with Classifier(rules, dict) as classifier:
        verdicts = classifier.replies(replies)
    return [{"text": reply.text, **verdict} for reply, verdict in zip(replies, verdicts, strict=True)]


def _table(texts: Sequence[str], context: dict[str, Any]) -> Table:
    import pyarrow as pa  # noqa: PLC0415 - likewise

    whole = pa.table(
        {"number": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string()), **context}
    )
    return pa.Table.from_batches(whole.to_batches(max_chunksize=_PIECE), whole.schema)
