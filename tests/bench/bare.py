"""A yardstick, not a lower bound: `bare.py FORMAT LOG` cuts a log into a table by SQL, without what makes it right."""

import sys
import tempfile
from pathlib import Path

import duckdb

kind, log = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/bare.duckdb") as connection:
    connection.execute("set preserve_insertion_order = false")
    connection.execute(
        "create temp table lines as from read_csv(?, delim = chr(1), quote = '', escape = '', header = false,"
        " auto_detect = false, columns = {'line': 'varchar'})",
        [log],
    )
    connection.execute(Path(__file__).with_name(f"bare_{kind}.sql").read_text())
