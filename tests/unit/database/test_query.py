"""One SELECT runs; everything else is refused."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from logbounce.database.query import select
from logbounce.errors import DatabaseError, QueryError

if TYPE_CHECKING:
    from typing import NoReturn


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
        "from range(1, 2)",
        "select count(*) from unnest([1])",
        "select count(*) from duckdb_tables() where table_name = 'meta'",
        "select count(*) from rates_between('2026-01-01', '2026-02-01')",
        f"select {'+'.join(['0'] * 900)} + 1",
    ],
)
def test_what_reads_runs(database: Path, sql: str) -> None:
    assert rows(database, sql)[0][-1] == 1


@pytest.mark.parametrize(
    "sql",
    [
        "describe meta",
        "show tables",
        "summarize meta",
        "table meta",
        "explain select 1",
        "explain (select 1)",
        "EXPLAIN /* ( */ ANALYZE -- copy\n select 1",
        "explain (analyze, format json) (select 1)",
        "explain (format json) with x as (select 1) from x",
    ],
)
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


def test_what_does_not_fit_into_memory_goes_to_a_folder_of_its_own(database: Path) -> None:
    left = database.with_name(f"{database.name}.tmp")
    spilling = "select count(distinct md5(range::varchar)) from range(3_000_000)"
    with select(database, f"select ({spilling}), current_setting('temp_directory')") as result:
        room = next(path for path in database.parent.iterdir() if path.is_dir())
        assert room.stat().st_mode & 0o777 == 0o700
        assert list(result.rows) == [(3_000_000, str(room))]
    assert not room.exists()
    assert not left.exists()


def test_a_folder_that_may_not_be_written_to_is_no_hindrance(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> NoReturn:
        raise DatabaseError(f"{path}: cannot be made there")

    monkeypatch.setattr("logbounce.database.query.draft", refuse)
    ((room,),) = rows(database, "select current_setting('temp_directory')")
    assert str(room).startswith(tempfile.gettempdir())
    assert not Path(str(room)).exists()
    monkeypatch.setattr("tempfile.tempdir", "/proc/no/such/folder")
    assert rows(database, "select current_setting('temp_directory')") == [("",)]
