"""The command `logly view`: shows logs of any program, merged by time, as lines for people or for other programs."""

from __future__ import annotations

import sys
import time

from logly import _logly
from logly.cli.check import wrong
from logly.cli.choosing import add_choices, add_files, choices, names_in, number, paths, report, tell
from logly.cli.writing import add_color, is_color_wanted, paged, quiet_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any, BinaryIO

# Characters of a value that a terminal shows; `--full` shows all.
_LONGEST = 1_000

# Seconds between two looks at files that are followed.
_PAUSE = 0.1

_EXAMPLES = """\
examples:
  logly view app.jsonl --level ERROR --since 2h
  logly view web.log worker.jsonl --since 03:00 --until 03:10
  logly view app.log --where "status >= 500 and path startswith '/pay'" --context 3
  zcat old.gz | logly view - --fields time,level,order_id --csv

Files may be text, JSON lines or logfmt of any program, compressed or not. The archives of a rotated file are found by
its name. Exit codes: 0 entries were found, 1 none, 2 something is wrong.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = _EXAMPLES
    add_files(parser)
    choose = add_choices(parser)
    choose.add_argument("--context", metavar="N", type=number, default=0, help="also N entries before and after each")
    choose.add_argument("--tail", metavar="N", type=number, help="only the last N of them")
    choose.add_argument(
        "-f", "--follow", action="store_true", help="the last entries, and those that come, until Ctrl-C"
    )
    show = parser.add_argument_group("how they are shown")
    show.add_argument("--fields", metavar="A,B", help="only these values, in this order")
    show.add_argument("--hide", metavar="A,B", help="all fields but these")
    form = show.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON lines of one shape, whatever the files have")
    form.add_argument("--raw", action="store_true", help="the lines as they are")
    form.add_argument("--csv", action="store_true", help="comma-separated values")
    zone = show.add_mutually_exclusive_group()
    zone.add_argument("--utc", action="store_true", help="times in UTC")
    zone.add_argument("--local", action="store_true", help="times in the local zone, which is the default")
    show.add_argument("--full", action="store_true", help="long values in full, on terminals too")
    add_color(show)


def view(given: argparse.Namespace) -> int:
    """Show the entries. Return 0 if there are some, 1 if there are none, 2 if something is wrong."""
    is_terminal = sys.stdout.isatty()
    files = paths("view", given)
    if files is None:
        return 2
    try:
        viewer = _logly._Viewer(files, _options(given))
    except (OSError, ValueError) as error:
        print(f"logly view: {wrong(error)}", file=sys.stderr)
        return 2
    try:
        with paged(is_wanted=is_terminal and not given.no_pager and not given.follow) as out:
            is_whole = _write(viewer, out)
    except KeyboardInterrupt:
        return 0 if given.follow else 130
    return report("view", viewer.counts(), is_whole=is_whole)


def _options(given: argparse.Namespace) -> dict[str, Any]:
    is_terminal = sys.stdout.isatty()
    style = next((name for name in ("json", "raw", "csv") if getattr(given, name)), "text")
    return {
        **choices(given),
        "style": style,
        "is_colored": style == "text" and is_color_wanted(given.color, is_terminal=is_terminal),
        "is_terminal": is_terminal,
        "is_utc": given.utc,
        "follow": given.follow,
        "fields": names_in(given.fields),
        "hide": names_in(given.hide) or [],
        "longest": _LONGEST if is_terminal and style == "text" and not given.full else 0,
        "tail": given.tail,
        "context": given.context,
    }


def _write(viewer: _logly._Viewer, out: BinaryIO) -> bool:
    """Write all parts. Return false if the reader went away before the end."""
    progress = "more"
    with quiet_pipe() as pipe:
        while progress != "done":
            part, progress = viewer.step()
            tell("view", viewer.notes())
            if part:
                out.write(part)
                out.flush()
            if progress == "wait":
                time.sleep(_PAUSE)
    return pipe.is_open
