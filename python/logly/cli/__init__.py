"""`python -m logly check FILE...` and `python -m logly doctor`."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 when all is well, 1 when something is wrong, 2 for wrong usage."""
    given = _parser().parse_args(arguments)
    if given.command == "check":
        from logly.cli.check import check  # only the given command is imported

        return check(given.files)
    from logly.cli.doctor import doctor

    return doctor(given.config, given.module, given.level)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m logly", description="Checks and explains how logly is configured.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="tell what is wrong with configuration files; nothing is opened")
    check.add_argument("files", nargs="+", metavar="FILE", help="a .toml or .json file, or a pyproject.toml")
    doctor = commands.add_parser("doctor", help="show what logly makes of this environment, and what a call would do")
    doctor.add_argument("--config", metavar="FILE", help="a configuration to load first; no file is opened")
    doctor.add_argument("--module", metavar="NAME", default="__main__", help="the module of the call to explain")
    doctor.add_argument("--level", metavar="LEVEL", help="the level of the call to explain: a name or a number")
    return parser
