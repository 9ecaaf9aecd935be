"""The options with which commands choose entries, and their words about the logs that they read."""

from __future__ import annotations

import sys

from logly._config.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

# Entries, or values, that a number may ask for.
_MOST = 1_000_000


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the logs to read."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="the logs; - is the standard input")


def add_choices(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options that choose entries, and return their group."""
    choose = parser.add_argument_group("which entries")
    choose.add_argument("--level", metavar="LEVEL", help="entries of this level or above")
    choose.add_argument(
        "--where", metavar="EXPR", help="entries for which this is true: \"ms > 250 and user == 'ann'\""
    )
    choose.add_argument("--since", metavar="TIME", help='from this time on: "2h", "yesterday", "10:30", "2025-01-15"')
    choose.add_argument("--until", metavar="TIME", help="before this time")
    choose.add_argument("--no-archives", action="store_true", help="read the files alone, without their archives")
    return choose


def paths(command: str, given: argparse.Namespace) -> list[str | None] | None:
    """Return the logs to read, with None for the standard input. Without any, a terminal's user is told so."""
    if not given.files and sys.stdin.isatty():
        print(f"logly {command}: give the files to read, or - for the standard input", file=sys.stderr)
        return None
    return [None if name == "-" else name for name in given.files or ["-"]]


def choices(given: argparse.Namespace) -> dict[str, Any]:
    """Return the values of the options, by the names that the extension has for them."""
    return {
        "level": given.level,
        "since": given.since,
        "until": given.until,
        "where": given.where,
        "has_archives": not given.no_archives,
        "follow": False,
        "tail": None,
        "context": 0,
    }


def number(text: str) -> int:
    """Return a number that an option may have."""
    found = int(text)
    if not 0 <= found <= _MOST:
        raise ValueError
    return found


def names_in(text: str | None) -> list[str] | None:
    """Return the names in a list such as `a,b`."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def tell(command: str, notes: Iterable[str]) -> None:
    """Print lines about files for the user."""
    for note in notes:
        print(printable(f"logly {command}: {note}"), file=sys.stderr)


def report(command: str, counts: dict[str, int], *, is_whole: bool = True) -> int:
    """Say why nothing was found, and return the exit code."""
    if counts["cut"]:
        print(f"logly {command}: {number_of('line', counts['cut'])} of more than 8 MiB cut", file=sys.stderr)
    if not counts["found"] and is_whole:
        print(f"logly {command}: no entry matched: {_why(counts)}", file=sys.stderr)
    if counts["unreadable"]:
        return 2
    return 0 if counts["found"] or not is_whole else 1


def number_of(noun: str, count: int, one: str = "", many: str = "s") -> str:
    """Return `1 line` or `2 lines`."""
    return f"{count} {noun}{one if count == 1 else many}"


def _why(counts: dict[str, int]) -> str:
    parts = [f"{number_of('line', counts['lines'])} in {number_of('file', counts['files'])} read"]
    passed = [(name, counts[f"by_{name}"]) for name in ("level", "time", "where") if counts[f"by_{name}"]]
    by = {"level": "--level", "time": "--since and --until", "where": "--where"}
    parts += [f"{number_of('entr', count, 'y', 'ies')} left out by {by[name]}" for name, count in passed]
    if counts["lines"] and not passed:
        parts.append("no line has the text or level that is asked for")
    return ", ".join(parts)
