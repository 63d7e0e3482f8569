"""One SELECT runs; everything else is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from logbounce.database.query import select
from logbounce.errors import QueryError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("query") / "logbounce.duckdb"
    connect(path).close()
    return path


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with select(database, sql) as result:
        return list(result.rows)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "SELECT 1;",
        "/* ü */ select 1 -- one",
        "(select 1)",
        "values (1)",
        "with one as (select 1) from one",
        "from (select 1)",
        "pivot (select 1 as x) on x in (1) using sum(x)",
        "unpivot (select 1 as x) on x",
    ],
)
def test_what_reads_runs(database: Path, sql: str) -> None:
    assert rows(database, sql)[0][-1] == 1


@pytest.mark.parametrize("sql", ["describe meta", "show tables", "summarize meta", "explain select 1", "table meta"])
def test_what_explains_runs(database: Path, sql: str) -> None:
    assert rows(database, sql)


def test_rows_are_fetched_as_they_are_read(database: Path) -> None:
    with select(database, "select range from range(1_000_000_000_000)") as result:
        assert result.columns == ["range"]
        assert next(result.rows) == (0,)


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("select '2026-11-20 10:00:00+01'::timestamptz", "2026-11-20 09:00:00"),
        ("select ['2026-11-20 10:00:00+01'::timestamptz]", "['2026-11-20 09:00:00+00']"),
    ],
)
def test_stamps_with_a_zone_come_in_utc(database: Path, sql: str, shown: str) -> None:
    assert str(rows(database, sql)[0][0]) == shown


def test_columns_keep_their_names_beside_a_stamp_with_a_zone(database: Path) -> None:
    with select(database, "select now() as moment, 1 as x") as result:
        assert result.columns == ["moment", "x"]


def test_an_error_in_the_last_row_is_told(database: Path) -> None:
    with pytest.raises(QueryError, match="boom"):
        rows(database, "select if(range = 4999, error('boom'), range) from range(5000)")


def test_our_own_variables_are_no_tables(database: Path) -> None:
    with pytest.raises(QueryError, match="relation does not exist"):
        rows(database, "from relation")
