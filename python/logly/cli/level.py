"""The command `logly level`: shows the levels of a running program, and changes them, for some time or for good."""

from __future__ import annotations

import argparse
import sys

from logly._config.printable import printable
from logly.cli.spans import seconds_of, span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LONGEST = 366 * 86400
"""Seconds of the longest time for `--for`."""

_EXAMPLES = """\
examples:
  logly level 4242
  logly level 4242 shop.db=DEBUG --for 10m
  logly level 4242 WARNING shop=off noisy.client=default

A level alone is that of all modules without their own. A module's level may also be off (no record), all (every
record) or default (that of all modules again). The program has to call logger.serve_control().
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = _EXAMPLES
    parser.add_argument("process", metavar="PID", help="the number of the process, or the path of its socket")
    parser.add_argument(
        "levels", nargs="*", metavar="[MODULE=]LEVEL", help="the levels to set; without, they are shown"
    )
    parser.add_argument(
        "--for", dest="span", metavar="TIME", type=_span, help="set them back after this time: 90s, 10m"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def level(given: argparse.Namespace) -> int:
    """Show or change levels. Return 0, or 2 if something is wrong."""
    from logly.cli.asking import AskingError, ask, find  # every command imports this module

    try:
        request = _request(given.levels, given.span)
        table = ask(find(given.process), request)
    except (AskingError, _WrongError) as error:
        print(printable(f"logly level: {error}"), file=sys.stderr)
        return 2
    if given.json:
        import json

        print(json.dumps(table))
        return 0
    for line in lines_of(table):
        print(printable(line))
    for note in table.get("notes", ()):
        print(printable(f"logly level: {note}"), file=sys.stderr)
    return 0


def lines_of(table: dict[str, Any]) -> Iterator[str]:
    """Describe a table of levels."""
    yield f"all modules: {_shown(table['level'])}{_left(table, '')}"
    modules = table["modules"]
    for module in sorted({*modules, *table["left"]} - {""}):
        yield f"{module}: {_shown(modules.get(module))}{_left(table, module)}"
    if modules.get("") is not None:
        yield f"all other modules: {_shown(modules[''])}"
    for sink in table["own"]:
        yield f"sink {sink['id']}, {sink['kind']} {sink['name']}, has its own level: {sink['level']}"


class _WrongError(ValueError):
    """Words of the command line that do not fit."""


def _request(words: list[str], seconds: float | None) -> dict[str, Any]:
    if not words:
        if seconds is not None:
            message = "--for needs a level to set"
            raise _WrongError(message)
        return {"do": "levels"}
    levels: dict[str, str] = {}
    for word in words:
        module, is_module, name = (part.strip() for part in word.rpartition("="))
        if not name or (is_module and not module) or module in levels:
            message = f"expected LEVEL or MODULE=LEVEL, each once, got {word!r}"
            raise _WrongError(message)
        levels[module] = name
    return {"do": "set", "levels": levels, "seconds": seconds}


def _span(text: str) -> float:
    seconds = seconds_of(text)
    if seconds is None or not 0 < seconds <= _LONGEST:
        message = f"expected a time of at most a year, such as 90s, 10m, 2h or 1d, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return seconds


def _left(table: dict[str, Any], module: str) -> str:
    left = table["left"].get(module)
    return "" if left is None else f", for {span(left)} more, then {_shown(table['before'].get(module))}"


def _shown(level: object) -> str:
    words = {True: "all", False: "off", None: "no level of its own"}
    return words[level] if level is None or isinstance(level, bool) else str(level)
