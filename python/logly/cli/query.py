"""The command `logly query`: SQL over the entries of logs, with DuckDB where it is installed, or SQLite."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack, closing, contextmanager

from logly.cli.choosing import add_choices, add_files, names_in, report
from logly.cli.results import write_csv, write_json, write_table
from logly.cli.rows import Rows, check_columns, run
from logly.cli.writing import paged, quiet_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

_EXAMPLES = """\
examples:
  logly query "SELECT level, count(*) FROM log GROUP BY level" app.jsonl
  logly query "SELECT user, avg(ms) FROM log GROUP BY user" app.jsonl --fields user,ms --csv
  logly query "SELECT fields->>'user', count(*) FROM log GROUP BY 1" app.jsonl --since 2h

The table `log` has the columns time, level, severity, logger, site, message, exception and fields, which is JSON; with
--fields it has those fields as columns instead. Exit codes: 0 there are rows, 1 none, 2 something is wrong.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = _EXAMPLES
    parser.add_argument("sql", metavar="SQL", help="a query of the table log")
    add_files(parser)
    add_choices(parser)
    show = parser.add_argument_group("how it is done and shown")
    show.add_argument("--fields", metavar="A,B", help="these fields as columns, instead of all as JSON")
    show.add_argument(
        "--engine", choices=["auto", "duckdb", "sqlite"], default="auto", help="auto is DuckDB where it is installed"
    )
    form = show.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a JSON object for each row")
    form.add_argument("--csv", action="store_true", help="comma-separated values")
    show.add_argument("--no-pager", action="store_true", help="write to the terminal itself")


def query(given: argparse.Namespace) -> int:
    """Show the rows. Return 0 if there are some, 1 if there are none, 2 if something is wrong."""
    return run("query", given, _query)


def _query(files: list[str | None], given: argparse.Namespace) -> int:
    fields = names_in(given.fields)
    check_columns(fields)
    rows = Rows("query", files, given, fields)
    with _database(rows, given.engine) as database:
        found = _show(database.execute(given.sql), given)
    code = report("query", rows.counts())
    return code or (0 if found else 1)


@contextmanager
def _database(rows: Rows, asked: str) -> Iterator[Any]:
    """Give a database with the table, which is removed afterwards."""
    import sqlite3

    from logly.cli import tables

    with ExitStack() as stack:
        duckdb = tables.duckdb_module(is_needed=asked == "duckdb") if asked != "sqlite" else None
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="logly"))
        path = os.path.join(folder, "log.db")
        connect: Any = duckdb.connect if duckdb else sqlite3.connect
        database = stack.enter_context(closing(connect(path)))
        if duckdb:
            tables.fill_duckdb(database, folder, rows)
        else:
            tables.fill_sqlite(database, rows)
        yield database


def _show(cursor: Any, given: argparse.Namespace) -> bool:
    """Write the rows. Return whether there are some."""
    is_terminal = sys.stdout.isatty()
    names = [column[0] for column in cursor.description or []]
    if not names:
        return False
    write = write_json if given.json else write_csv if given.csv else write_table
    found = True
    with quiet_pipe(), paged(is_wanted=is_terminal and not given.no_pager) as out:
        found = write(names, cursor, out)
        out.flush()
    return found
