"""Writes rows into tables of SQLite and DuckDB. All of them may be larger than memory."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from contextlib import closing
from importlib import import_module

from logly.cli.rows import COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.cli.rows import Rows

# Bytes of one row that DuckDB takes: a line of 8 MiB, each byte of which may be an escape.
_LONGEST = 64 * 1024 * 1024

# What DuckDB may keep in memory.
_MEMORY = "1GB"

# Types of JSON in DuckDB, and the type of a column that has only those.
_TYPES: list[tuple[set[str], str]] = [
    ({"BIGINT", "UBIGINT"}, "BIGINT"),
    ({"BIGINT", "UBIGINT", "DOUBLE"}, "DOUBLE"),
    ({"BOOLEAN"}, "BOOLEAN"),
]


def duckdb_module(*, is_needed: bool = True) -> Any:
    """Return DuckDB. If it is not installed, say how to install it if it is needed, or return None."""
    try:
        return import_module("duckdb")
    except ImportError:
        if is_needed:
            message = "this needs DuckDB: pip install 'logly[query]'"
            raise ImportError(message) from None
        return None


def write_sqlite(path: str, rows: Rows) -> None:
    """Write a new database."""
    with closing(sqlite3.connect(path)) as database:
        fill_sqlite(database, rows)


def fill_sqlite(database: sqlite3.Connection, rows: Rows) -> None:
    """Make the table `log`."""
    # A database that is not whole is thrown away, so nothing needs to be kept of it.
    database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
    own = ", ".join(_quoted(name) for name in rows.own)
    texts = ", ".join(f"{name} {'INTEGER' if name == 'severity' else 'TEXT'}" for name in COLUMNS)
    database.execute(f"CREATE TABLE log ({texts}{', ' if own else ''}{own})")
    insert = f"INSERT INTO log VALUES ({', '.join('?' * len(rows.columns))})"  # noqa: S608 - question marks
    for part in rows.parts():
        database.executemany(insert, (list(json.loads(line).values()) for line in part.splitlines()))
    database.commit()


def write_parquet(path: str, rows: Rows) -> None:
    """Write a new Parquet file."""
    beside = os.path.dirname(os.path.abspath(path))
    with tempfile.TemporaryDirectory(prefix=".logly", dir=beside) as folder, closing(_connected(folder)) as database:
        select = _select(database, os.path.join(folder, "log.json"), rows)
        database.execute(f"COPY ({select}) TO {_text(path)} (FORMAT parquet, COMPRESSION zstd)")


def _connected(folder: str) -> Any:
    database = duckdb_module().connect()
    _limit(database, folder)
    return database


def _limit(database: Any, folder: str) -> None:
    """Have DuckDB use the folder where it would use more memory."""
    database.execute(f"SET memory_limit = '{_MEMORY}'")
    database.execute(f"SET temp_directory = {_text(folder)}")


def fill_duckdb(database: Any, folder: str, rows: Rows) -> None:
    """Make the table `log`. The folder is for files that are needed meanwhile."""
    made = os.path.join(folder, "log.json")
    _limit(database, folder)
    try:
        database.execute(f"CREATE TABLE log AS {_select(database, made, rows)}")
    finally:
        os.remove(made)


def _select(database: Any, path: str, rows: Rows) -> str:
    """Write the rows to a file, and return the query that reads them with their types."""
    with open(path, "wb") as file:
        file.writelines(rows.parts())
    is_whole = rows.is_whole
    types = {**dict.fromkeys(COLUMNS, "VARCHAR"), "severity": "INTEGER"}
    types.update(dict.fromkeys(rows.own, "VARCHAR" if is_whole else "JSON"))
    pairs = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in types.items())
    options = f"format='newline_delimited', maximum_object_size={_LONGEST}, columns={{{pairs}}}"
    source = f"read_json({_text(path)}, {options})"
    parts = ["CAST(time AS TIMESTAMP) AS time", *COLUMNS[1:]]
    if is_whole:
        parts.append("CASE WHEN json_valid(fields) THEN CAST(fields AS JSON) ELSE to_json(fields) END AS fields")
    else:
        parts += _own_columns(database, source, rows.own)
    return f"SELECT {', '.join(parts)} FROM {source}"  # noqa: S608 - names and paths are quoted


def _own_columns(database: Any, source: str, names: list[str]) -> list[str]:
    """Return columns of the narrowest types that all their values have."""
    if not names:
        return []
    kinds = ", ".join(f"list(DISTINCT json_type({_quoted(name)}))" for name in names)
    found = database.execute(f"SELECT {kinds} FROM {source}").fetchone()  # noqa: S608 - as above
    columns = []
    for name, seen in zip(map(_quoted, names), found):
        known = {kind for kind in seen or [] if kind not in (None, "NULL")}
        fitting = (kind for kinds, kind in _TYPES if known <= kinds)
        columns.append(f"CAST({name}->>'$' AS {next(fitting, 'VARCHAR')}) AS {name}")
    return columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
