"""The command `python -m logly recover`: writes the records that dead processes left for a log."""

from __future__ import annotations

import os
import sys

from logly import _logly
from logly._config import document
from logly._config.printable import printable
from logly.cli.check import wrong
from logly.logger import Logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Options that would change more of the log than its end, or that recovery does not have.
_NOT_TAKEN = ("sink", "mode", "delay", "async_write", "overflow", "durability")

# Bytes of the queue of the sink that recovers.
_QUEUE = 64 * 1024


def recover(path: str, config: str | None, options: dict[str, Any], *, as_is: bool) -> int:
    """Write the records and report how many. Return 1 if some are left that should not be, 2 for wrong options."""
    found = _logly._crash_files(path)
    dead = [file for file in found if file["state"] == "dead"]
    refused = [file for file in found if file["state"] not in {"dead", "in use"}]
    for file in found:
        _tell(file, path)
    if not dead:
        print(printable(f"{path}: nothing to recover"))
        return 1 if refused else 0
    if config is None and not as_is and any(file.get("has_rules") for file in dead):
        message = (
            "its program filters, masks or adds to records; give its --config, or --as-is to write them as they are"
        )
        print(printable(f"{path}: {message}"), file=sys.stderr)
        return 1
    if config is None:
        try:
            options = {**_as_logged(dead, options), **options}
        except ValueError as error:
            print(printable(f"{path}: {error}"), file=sys.stderr)
            return 1
    try:
        count, left_out = _write(path, config, options)
    except (OSError, TypeError, ValueError) as error:
        print(wrong(error), file=sys.stderr)
        return 2
    left = [file for file in _logly._crash_files(path) if file["state"] == "dead"]
    rest = f", left out {left_out} by level, filter, sample or limit" if left_out else ""
    print(printable(f"{path}: recovered {count} {'record' if count == 1 else 'records'}{rest}"))
    for file in left:
        print(printable(f"{file['path']}: its records could not be written"), file=sys.stderr)
    return 1 if left or refused else 0


def _tell(file: dict[str, Any] | _logly._CrashFile, path: str) -> None:
    """Print a line about a file whose records are not written."""
    if file["state"] == "in use":
        print(printable(f"{path}: process {file['process']} is using {file['path']}"))
    elif file["state"] != "dead":
        print(printable(f"{file['path']}: not recovered: {file['state']}"), file=sys.stderr)


def _as_logged(dead: list[_logly._CrashFile], options: dict[str, Any]) -> dict[str, Any]:
    """Return the level and the form of the lines that the program wrote, as far as *options* do not say them."""
    found: dict[str, Any] = {}
    if "level" not in options:
        # Records below the level of their own file are left out anyway.
        levels = [level for file in dead if (level := file.get("level")) is not None]
        found["level"] = min(levels, default="TRACE")
    forms = {(file.get("json"), file.get("format")) for file in dead}
    if {"json", "format"} & set(options):
        return found
    if len(forms) > 1:
        message = "its programs wrote lines of different forms; give --json or --format"
        raise ValueError(message)
    ((style, pattern),) = forms
    if style is not None:
        found["json"] = True if style == "line" else style
    if pattern is not None:
        found["format"] = pattern
    return found


def _write(path: str, config: str | None, options: dict[str, Any]) -> tuple[int, int]:
    """Write the records; return how many were written and left out."""
    logger = Logger()
    logger.remove_all()
    configured: dict[str, Any] = {}
    if config is not None:
        configured = _configure(logger, path, config)
    # Recovered records take no place in the queue, so a disk that is nearly full has room for it.
    sink = logger.add(path, durability="crash", **{**configured, **options, "buffer_size": _QUEUE})
    logger.complete()
    counts = logger.stats()["sinks"][sink]
    logger.remove(sink)
    return counts["recovered"], counts["left_out"]


def _configure(logger: Logger, path: str, config: str) -> dict[str, Any]:
    """Take the settings of a configuration, and return the options of its sink for this path."""
    found = document.read(os.path.expanduser(config))
    found.check(logger)
    if found.mistakes:
        raise ValueError("; ".join(found.mistakes))
    logger.configure(**found.settings)
    logger.remove_all()
    for options in found.sinks or []:
        if os.path.abspath(os.path.expanduser(str(options["sink"]))) == os.path.abspath(os.path.expanduser(path)):
            return {name: value for name, value in options.items() if name not in _NOT_TAKEN}
    message = f"{config}: none of its sinks is {path}"
    raise ValueError(message)
