"""A yardstick: to store finished rows and do nothing else.

`rows.py take DATABASE FOLDER` lays out what an ingest stored as files of Arrow, which need no reading;
`rows.py store FOLDER ATTEMPTS` puts it into a new database, so many attempts a commit.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa

from logbounce.database import connect

TABLES = ("attempt_rows", "messages")


def take(database: Path, folder: Path) -> None:
    """Write each table to a file of its own."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for name in TABLES:
            rows = connection.table(name).to_arrow_table()
            with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
                writer.write_table(rows)


def store(folder: Path, attempts: int) -> None:
    """Commit piece after piece of each table, on one thread, as ingest does."""
    tables = {name: pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow"))).read_all() for name in TABLES}
    commits = -(-tables["attempt_rows"].num_rows // attempts)
    with tempfile.TemporaryDirectory() as made, connect(Path(made) / "rows.duckdb") as connection:
        connection.execute("set threads = 1")
        for number in range(commits):
            connection.execute("begin")
            for name, rows in tables.items():
                first, end = (rows.num_rows * edge // commits for edge in (number, number + 1))
                connection.register("piece", rows.slice(first, end - first))
                connection.table("piece").insert_into(name)
            connection.execute("commit")


if __name__ == "__main__":
    action, first, second = sys.argv[1:]
    if action == "take":
        take(Path(first), Path(second))
    else:
        store(Path(first), int(second))
