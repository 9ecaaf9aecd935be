"""The commands of `logly`, and of `python -m logly`.

`view`, `stats`, `export` and `query` read logs; `level` and `status` ask running programs; the others are `check`,
`doctor`, `recover`, `move` and `completion`.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from logly._logly import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


# The commands whose module has a function of their name, which takes the parsed arguments.
_OF_MODULES = ("view", "stats", "export", "query", "level", "status")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 when all is well, 1 when something is wrong, 2 for wrong usage."""
    given = _given(arguments)
    if given.command in _OF_MODULES:
        # Only the given command is imported.
        command = getattr(import_module(f"logly.cli.{given.command}"), given.command)
        code: int = command(given)
        return code
    return _COMMANDS[given.command](given)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    given, others = _parser().parse_known_args(arguments)
    # argparse takes no more words for a list once an option has come.
    if given.command == "level" and not any(other.startswith("-") for other in others):
        given.levels += others
    elif others:
        _parser().error(f"unrecognized arguments: {' '.join(others)}")
    return given


# Each function imports the module of its command, and so only that one is imported.


def _check(given: argparse.Namespace) -> int:
    from logly.cli.check import check

    return check(given.files)


def _doctor(given: argparse.Namespace) -> int:
    from logly.cli.doctor import doctor

    return doctor(given.config, given.module, given.level, given.app)


def _recover(given: argparse.Namespace) -> int:
    from logly.cli.recover import recover

    options = {"json": given.json, "format": given.format, "level": given.level, "rotation": given.rotation}
    named = {name: value for name, value in options.items() if value is not None}
    return recover(given.path, given.config, named, as_is=given.as_is)


def _move(given: argparse.Namespace) -> int:
    from logly.cli.move import move

    return move(given.paths, is_diff=given.diff)


def _completion(given: argparse.Namespace) -> int:
    from logly.cli.completion import completion

    return completion(_parser(), given.shell)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "doctor": _doctor,
    "recover": _recover,
    "move": _move,
    "completion": _completion,
}


def _parser() -> argparse.ArgumentParser:
    from logly.cli.export import add_arguments as add_export
    from logly.cli.level import add_arguments as add_level
    from logly.cli.query import add_arguments as add_query
    from logly.cli.stats import add_arguments as add_stats
    from logly.cli.status import add_arguments as add_status
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
    add_level(commands.add_parser("level", help="show or change levels of a running program", formatter_class=raw))
    add_status(commands.add_parser("status", help="show a running program, or list those that serve"))
    check = commands.add_parser("check", help="tell what is wrong with configuration files; nothing is opened")
    check.add_argument("files", nargs="+", metavar="FILE", help="a .toml or .json file, or a pyproject.toml")
    doctor = commands.add_parser("doctor", help="show what logly makes of this environment, and what a call would do")
    doctor.add_argument("--config", metavar="FILE", help="a configuration to load first; no file is opened")
    doctor.add_argument("--import", dest="app", metavar="MODULE", help="a module of the program to import first")
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
    completion = commands.add_parser("completion", help="print a script that has a shell complete these commands")
    completion.add_argument("shell", choices=["bash", "zsh", "fish"], help="the shell")
    return parser


def _add_move(move: argparse.ArgumentParser) -> None:
    move.add_argument("library", choices=["loguru"], help="the library that the programs use now")
    move.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder with all that is below it")
    move.add_argument("--diff", action="store_true", help="print what would change, and write nothing")
