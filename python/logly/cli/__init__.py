"""The commands of `logly`, and of `python -m logly`.

`view`, `stats`, `export` and `query` read logs; the others are `check`, `doctor`, `recover` and `move`.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from logly._logly import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


# The commands that read logs. Each has a module with a function of its name.
_READERS = ("view", "stats", "export", "query")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 when all is well, 1 when something is wrong, 2 for wrong usage."""
    given = _parser().parse_args(arguments)
    if given.command in _READERS:
        # Only the given command is imported.
        command = getattr(import_module(f"logly.cli.{given.command}"), given.command)
        code: int = command(given)
        return code
    if given.command == "check":
        from logly.cli.check import check

        return check(given.files)
    if given.command == "recover":
        from logly.cli.recover import recover

        options = {"json": given.json, "format": given.format, "level": given.level, "rotation": given.rotation}
        named = {name: value for name, value in options.items() if value is not None}
        return recover(given.path, given.config, named, as_is=given.as_is)
    if given.command == "move":
        from logly.cli.move import move

        return move(given.paths, is_diff=given.diff)
    from logly.cli.doctor import doctor

    return doctor(given.config, given.module, given.level)


def _parser() -> argparse.ArgumentParser:
    from logly.cli.export import add_arguments as add_export
    from logly.cli.query import add_arguments as add_query
    from logly.cli.stats import add_arguments as add_stats
    from logly.cli.view import add_arguments as add_view

    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="logly", description="Reads logs, and explains how logly is configured.")
    parser.add_argument("--version", action="version", version=f"logly {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_view(commands.add_parser("view", help="show logs of any program, merged by time", formatter_class=raw))
    add_stats(commands.add_parser("stats", help="count entries by level, place, message and time", formatter_class=raw))
    add_export(
        commands.add_parser("export", help="write entries into a database or a Parquet file", formatter_class=raw)
    )
    add_query(commands.add_parser("query", help="ask questions in SQL about entries", formatter_class=raw))
    check = commands.add_parser("check", help="tell what is wrong with configuration files; nothing is opened")
    check.add_argument("files", nargs="+", metavar="FILE", help="a .toml or .json file, or a pyproject.toml")
    doctor = commands.add_parser("doctor", help="show what logly makes of this environment, and what a call would do")
    doctor.add_argument("--config", metavar="FILE", help="a configuration to load first; no file is opened")
    doctor.add_argument("--module", metavar="NAME", default="__main__", help="the module of the call to explain")
    doctor.add_argument("--level", metavar="LEVEL", help="the level of the call to explain: a name or a number")
    recover = commands.add_parser("recover", help="write the records that dead processes left for a log")
    recover.add_argument("path", metavar="PATH", help="the log, as its program names it")
    recover.add_argument("--config", metavar="FILE", help="the configuration of the program, for the form of lines")
    recover.add_argument("--json", nargs="?", const=True, metavar="STYLE", help="JSON lines, in this style")
    recover.add_argument("--format", metavar="PATTERN", help="the pattern of text lines")
    recover.add_argument("--level", metavar="LEVEL", help="the lowest level to write")
    recover.add_argument("--rotation", metavar="WHEN", help="when the log is rotated meanwhile")
    recover.add_argument("--as-is", action="store_true", help="write records without the rules of their program")
    _add_move(commands.add_parser("move", help="have programs that import Loguru import logly.loguru instead"))
    return parser


def _add_move(move: argparse.ArgumentParser) -> None:
    move.add_argument("library", choices=["loguru"], help="the library that the programs use now")
    move.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder with all that is below it")
    move.add_argument("--diff", action="store_true", help="print what would change, and write nothing")
