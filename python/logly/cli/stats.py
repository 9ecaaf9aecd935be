"""The command `logly stats`: counts the entries of logs by level, logger, place, message, time and fields."""

from __future__ import annotations

import json
import shutil
import sys

from logly import _logly
from logly.cli.check import wrong
from logly.cli.choosing import add_choices, add_files, choices, number, paths, report, tell
from logly.cli.summary import Page
from logly.cli.writing import add_color, is_color_wanted, paged, quiet_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

# Steps of the histogram for people, and for programs.
_STEPS = 24
_STEPS_OF_JSON = 120

_EXAMPLES = """\
examples:
  logly stats app.jsonl --since yesterday
  logly stats web.log worker.jsonl --level WARNING --by user --by status
  logly stats app.jsonl --where "path startswith '/pay'" --json

Messages that differ in numbers, identifiers, quoted texts and the like count as one. Exit codes: 0 entries were
found, 1 none, 2 something is wrong.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = _EXAMPLES
    add_files(parser)
    add_choices(parser)
    show = parser.add_argument_group("what is counted and shown")
    show.add_argument("--by", metavar="FIELD", action="append", default=[], help="count the values of this field, too")
    show.add_argument("--top", metavar="N", type=number, default=10, help="the N largest counts of each kind")
    show.add_argument("--json", action="store_true", help="one JSON object")
    show.add_argument("--utc", action="store_true", help="times in UTC; otherwise they are local")
    add_color(show)


def stats(given: argparse.Namespace) -> int:
    """Show the counts. Return 0 if there are entries, 1 if there are none, 2 if something is wrong."""
    files = paths("stats", given)
    if files is None:
        return 2
    try:
        summary = _logly._Summary(files, {**choices(given), "by": list(dict.fromkeys(given.by)), "is_utc": given.utc})
    except (OSError, ValueError) as error:
        print(f"logly stats: {wrong(error)}", file=sys.stderr)
        return 2
    try:
        while summary.step():
            tell("stats", summary.notes())
        tell("stats", summary.notes())
        counts = summary.counts()
        if counts["found"] or given.json:
            _write(summary, given)
    except KeyboardInterrupt:
        return 130
    return report("stats", counts)


def _write(summary: _logly._Summary, given: argparse.Namespace) -> None:
    is_terminal = sys.stdout.isatty()
    with quiet_pipe(), paged(is_wanted=is_terminal and not given.no_pager and not given.json) as out:
        if given.json:
            out.write(summary.result(given.top, _STEPS_OF_JSON))
        else:
            width = shutil.get_terminal_size().columns
            page = Page(width, is_utc=given.utc, is_colored=is_color_wanted(given.color, is_terminal=is_terminal))
            out.write(page.text(json.loads(summary.result(given.top, _STEPS))))
        out.flush()
