"""The command `logly view`: shows logs of any program, merged by time, as lines for people or for other programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

from logly import _logly
from logly._config.printable import printable
from logly.cli.check import wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any, BinaryIO

# Characters of a value that a terminal shows; `--full` shows all.
_LONGEST = 1_000

# Entries that `--tail` and `--context` may ask for.
_MOST = 1_000_000

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
    parser.add_argument("files", nargs="*", metavar="FILE", help="the logs; - is the standard input")
    choose = parser.add_argument_group("which entries")
    choose.add_argument("--level", metavar="LEVEL", help="entries of this level or above")
    choose.add_argument(
        "--where", metavar="EXPR", help="entries for which this is true: \"ms > 250 and user == 'ann'\""
    )
    choose.add_argument("--since", metavar="TIME", help='from this time on: "2h", "yesterday", "10:30", "2025-01-15"')
    choose.add_argument("--until", metavar="TIME", help="before this time")
    choose.add_argument("--context", metavar="N", type=_number, default=0, help="also N entries before and after each")
    choose.add_argument("--tail", metavar="N", type=_number, help="only the last N of them")
    choose.add_argument(
        "-f", "--follow", action="store_true", help="the last entries, and those that come, until Ctrl-C"
    )
    choose.add_argument("--no-archives", action="store_true", help="read the files alone, without their archives")
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
    show.add_argument(
        "--color", choices=["auto", "always", "never"], default="auto", help="colours; auto is on terminals"
    )
    show.add_argument("--no-pager", action="store_true", help="write to the terminal itself")


def view(given: argparse.Namespace) -> int:
    """Show the entries. Return 0 if there are some, 1 if there are none, 2 if something is wrong."""
    is_terminal = sys.stdout.isatty()
    if not given.files and sys.stdin.isatty():
        print("logly view: give the files to read, or - for the standard input", file=sys.stderr)
        return 2
    try:
        viewer = _logly._Viewer([None if name == "-" else name for name in given.files or ["-"]], _options(given))
    except (OSError, ValueError) as error:
        print(f"logly view: {wrong(error)}", file=sys.stderr)
        return 2
    try:
        with _paged(is_wanted=is_terminal and not given.no_pager and not given.follow) as out:
            is_whole = _write(viewer, out)
    except KeyboardInterrupt:
        return 0 if given.follow else 130
    return _report(viewer, is_whole=is_whole)


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _MOST:
        raise ValueError
    return number


def _options(given: argparse.Namespace) -> dict[str, Any]:
    is_terminal = sys.stdout.isatty()
    style = next((name for name in ("json", "raw", "csv") if getattr(given, name)), "text")
    return {
        "level": given.level,
        "since": given.since,
        "until": given.until,
        "where": given.where,
        "style": style,
        "is_colored": style == "text" and _is_color_wanted(given.color, is_terminal=is_terminal),
        "is_terminal": is_terminal,
        "is_utc": given.utc,
        "has_archives": not given.no_archives,
        "follow": given.follow,
        "fields": _names(given.fields),
        "hide": _names(given.hide) or [],
        "longest": _LONGEST if is_terminal and style == "text" and not given.full else 0,
        "tail": given.tail,
        "context": given.context,
    }


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _is_color_wanted(asked: str, *, is_terminal: bool) -> bool:
    if asked != "auto":
        return asked == "always"
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def _paged(*, is_wanted: bool) -> Iterator[BinaryIO]:
    """Give the stream to write to: the standard output, or the input of a pager, which is waited for."""
    command = os.environ.get("PAGER", "less") if is_wanted else ""
    try:
        # A pager that is a terminal's usual one ends by itself if all fits on the screen.
        environment = {"LESS": "FRX", **os.environ}
        pager = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=environment) if command else None  # noqa: S602
    except OSError:
        pager = None
    if pager is None or pager.stdin is None:
        yield sys.stdout.buffer
        return
    try:
        yield pager.stdin  # type: ignore[misc]
    finally:
        with suppress(BrokenPipeError):
            pager.stdin.close()
        pager.wait()


def _write(viewer: _logly._Viewer, out: BinaryIO) -> bool:
    """Write all parts. Return false if the reader went away before the end."""
    progress = "more"
    try:
        while progress != "done":
            part, progress = viewer.step()
            for note in viewer.notes():
                print(printable(f"logly view: {note}"), file=sys.stderr)
            if part:
                out.write(part)
                out.flush()
            if progress == "wait":
                time.sleep(_PAUSE)
    except BrokenPipeError:
        # What is left in the buffer would be written again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _report(viewer: _logly._Viewer, *, is_whole: bool) -> int:
    """Say why nothing was found, and return the exit code."""
    counts = viewer.counts()
    if counts["cut"]:
        print(f"logly view: {_number_of('line', counts['cut'])} of more than 8 MiB cut", file=sys.stderr)
    if not counts["shown"] and is_whole:
        print(f"logly view: no entry matched: {_why(counts)}", file=sys.stderr)
    if counts["unreadable"]:
        return 2
    return 0 if counts["shown"] or not is_whole else 1


def _number_of(noun: str, count: int, one: str = "", many: str = "s") -> str:
    return f"{count} {noun}{one if count == 1 else many}"


def _why(counts: dict[str, int]) -> str:
    parts = [f"{_number_of('line', counts['lines'])} in {_number_of('file', counts['files'])} read"]
    passed = [(name, counts[f"by_{name}"]) for name in ("level", "time", "where") if counts[f"by_{name}"]]
    by = {"level": "--level", "time": "--since and --until", "where": "--where"}
    parts += [f"{_number_of('entr', count, 'y', 'ies')} left out by {by[name]}" for name, count in passed]
    if counts["lines"] and not passed:
        parts.append("no line has the text or level that is asked for")
    return ", ".join(parts)
