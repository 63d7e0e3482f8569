"""What a person with DuckDB would do with PowerMTA's file: read_csv and group by."""

import sys
from pathlib import Path

import duckdb

connection = duckdb.connect()
connection.execute("set variable path = ?", [sys.argv[1]])
connection.execute(Path(__file__).with_suffix(".sql").read_text()).fetchall()
