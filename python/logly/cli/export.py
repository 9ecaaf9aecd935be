"""The command `logly export`: writes the entries of logs as the table `log` of a database or a Parquet file."""

from __future__ import annotations

import os

from logly.cli.choosing import add_choices, add_files, names_in, report
from logly.cli.rows import Rows, check_columns, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """\
examples:
  logly export app.jsonl --sqlite app.db
  logly export web.log worker.jsonl --since yesterday --parquet logs.parquet
  logly export app.jsonl --sqlite app.db --fields user,ms --force

The table `log` has the columns time, level, severity, logger, site, message, exception and fields, which is JSON; with
--fields it has those fields as columns instead. Exit codes: 0 entries were written, 1 none, 2 something is wrong.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = _EXAMPLES
    add_files(parser)
    add_choices(parser)
    write = parser.add_argument_group("what is written")
    form = write.add_mutually_exclusive_group(required=True)
    form.add_argument("--sqlite", metavar="PATH", help="a database of SQLite")
    form.add_argument("--parquet", metavar="PATH", help="a Parquet file; needs logly[query]")
    write.add_argument("--fields", metavar="A,B", help="these fields as columns, instead of all as JSON")
    write.add_argument("--force", action="store_true", help="replace a file that is there")


def export(given: argparse.Namespace) -> int:
    """Write the table. Return 0 if it has entries, 1 if there are none, 2 if something is wrong."""
    return run("export", given, _export)


def _export(files: list[str | None], given: argparse.Namespace) -> int:
    # SQLite is not in every Python.
    from logly.cli.tables import duckdb_module, write_parquet, write_sqlite

    columns = names_in(given.fields)
    check_columns(columns)
    target = given.sqlite or given.parquet
    if given.parquet:
        duckdb_module()
    if os.path.lexists(target) and not given.force:
        message = f"{target}: the file is there; --force replaces it"
        raise ValueError(message)
    rows = Rows("export", files, given, columns)
    made = f"{target}.{os.getpid()}.tmp"
    try:
        write_sqlite(made, rows) if given.sqlite else write_parquet(made, rows)
        counts = rows.counts()
        if counts["found"]:
            os.replace(made, target)
    finally:
        if os.path.lexists(made):
            os.remove(made)
    return report("export", counts)
