"""The command `python -m logly doctor`: versions, environment, zone, colours, sinks, and the outcome of a call.

No file is made, opened or removed: the sinks of a configuration are added without opening their files. A module of the
program that is to be imported does what it does.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import datetime

import logly
from logly import _logly, _production, logger
from logly._config import document
from logly._config.printable import printable
from logly._process import captures
from logly._sinks import terminals
from logly.cli.check import wrong
from logly.cli.platforms import build, row_here, version
from logly.logger import _given_sinks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from logly.typing import SinkInfo

_NO_FILES = ("console", "stdout", "stderr", "logging")
_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "TERM", "TZ")


def doctor(config: str | None, module: str, level: str | None, app: str | None = None) -> int:
    """Print the report. Return 1 if the configuration or a sink has a mistake, 2 if the program fails, else 0.

    If the configuration cannot be loaded, only its mistakes are printed: without it, no call can be explained.
    """
    mistakes = [] if config is None else _load(config)
    if mistakes:
        return _end(mistakes)
    if app is not None and not _imports(app):
        return 2
    set_up = [] if app is None else [*_levels(), *_captures()]
    lines = [*_versions(), *_environment(), *_time(), *_colors(), *_for_production(), *set_up, *_sinks(mistakes)]
    try:
        lines += _calls(module, level)
    except ValueError as error:
        mistakes.append(str(error))
    for line in lines:
        print(printable(line))
    return _end(mistakes)


def _end(mistakes: list[str]) -> int:
    for mistake in mistakes:
        print(printable(f"wrong: {mistake}"))
    return 1 if mistakes else 0


def _imports(app: str) -> bool:
    """Import a module of the program, as `python -m` finds it. Tell whether that worked; if not, show why."""
    from importlib import import_module

    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        # Servers name an object in a module, as in `shop.web:app`.
        import_module(app.partition(":")[0])
    except KeyboardInterrupt:
        raise
    except BaseException:
        traceback.print_exc()
        print(printable(f"logly doctor: {app} cannot be imported; the exception is above"), file=sys.stderr)
        return False
    return True


def _levels() -> Iterator[str]:
    general, modules, _ = _logly._level_table(logger)
    yield f"level: {general}"
    for module in sorted(modules):
        level = modules[module]
        shown = ("every record" if level else "off") if isinstance(level, bool) else level
        yield f"level of {module or 'all other modules'}: {shown}"


def _captures() -> Iterator[str]:
    """Name what sends records of other parts of Python to logly."""
    for name, options in captures.described():
        given = ", ".join(f"{option}={value!r}" for option, value in options.items() if value is not None)
        yield f"active: {name}({given})"
    if not captures.described():
        yield "active: no interception of logging, hooks or captured warnings"


def _load(path: str) -> list[str]:
    """Configure the global logger from a file, without opening any sink's file. Return the mistakes."""
    try:
        found = document.read(os.path.expanduser(path))
        found.check(logger)
        if found.mistakes:
            return found.mistakes
        if found.sinks is None:
            logger.configure(**found.settings)
        else:
            _given_sinks.replace(logger, found.settings, [_unopened(options) for options in found.sinks])
    except (OSError, ValueError) as error:
        return [wrong(error)]
    return []


def _unopened(options: dict[str, Any]) -> dict[str, Any]:
    """Return a sink's options, changed so that no file is opened now and no archive is examined."""
    sink = str(options["sink"])
    if sink in _NO_FILES or sink.startswith("logging:"):
        return options
    kept = {name: value for name, value in options.items() if name not in {"retention", "compression"}}
    return {**kept, "delay": True}


def _versions() -> Iterator[str]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield f"logly {logly.__version__}, {python}, {platform.system()} {platform.machine()}"
    row = row_here()
    yield f"platform: {row.platform}, Python {version()}: {row.state} ({row.check}); {build()}"
    yield f"package: {os.path.dirname(logly.__file__)}"


def _environment() -> Iterator[str]:
    names = sorted(name for name in os.environ if name.startswith("LOGLY_"))
    is_heeded = _logly._heeds_environment()
    ignored = "" if is_heeded else " (ignored: python -E or -I, or more rights than the caller has)"
    for name in (*names, *(name for name in _VARIABLES if name in os.environ)):
        yield f"environment: {name}={os.environ[name]}{ignored if name in names else ''}"
    if not names:
        yield "environment: no LOGLY_ variables"


def _time() -> Iterator[str]:
    now = datetime.now().astimezone()
    yield f"zone: {now.tzname()}, UTC{now.strftime('%z')}; it is {now.isoformat(sep=' ', timespec='seconds')}"


def _colors() -> Iterator[str]:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        is_terminal, takes_escapes = terminals.look_of(stream)
        is_colored = _logly._takes_color(takes_escapes)
        terminal = "a terminal" if is_terminal else "no terminal"
        yield f"colours: {'on' if is_colored else 'off'} for {name}, which is {terminal}"


def _for_production() -> Iterator[str]:
    try:
        yield from (f"production() would set: {part}" for part in _production.described())
    except OSError as error:
        yield f"production() would raise: {error}"


def _sinks(mistakes: list[str]) -> Iterator[str]:
    stats = logger.stats()["sinks"]
    for info in logger.all_sinks_info():
        implicit = ", implicit" if info["implicit"] else ""
        where = "in the background" if info["async_write"] else "by the thread that logs"
        form = "JSON" if info["json"] else info["format"] or "text"
        yield f"sink {info['id']}: {info['kind']} {info['name']}{implicit}, from {info['level']}, {form}, {where}"
        if not info["enabled"]:
            yield "  switched off"
        counts = stats[info["id"]]
        lost = sum(count for count in counts["dropped"].values() if isinstance(count, int))
        yield f"  queue: {counts['pending']} pending; {counts['written']} written, {lost} dropped"
        if info["kind"] == "file":
            yield from _file(info, mistakes)
    if not logger.sink_count:
        yield "sinks: none, nothing is shown anywhere"


def _file(info: SinkInfo, mistakes: list[str]) -> Iterator[str]:
    path = os.path.abspath(info["name"])
    folder = os.path.dirname(path)
    nearest = _existing(folder)
    if os.path.isdir(path):
        yield "  file: a folder has this name"
        mistakes.append(f"sink {info['id']}: {path} is a folder")
    elif os.path.exists(path):
        found = os.stat(path)
        yield f"  file: {found.st_size} bytes, permissions {found.st_mode & 0o7777:o}, owner {found.st_uid}"
        if not os.access(path, os.W_OK):
            mistakes.append(f"sink {info['id']}: {path} cannot be written to")
    else:
        yield "  file: not there yet" if nearest == folder else f"  file: not there yet, nor its folder {folder}"
    if not os.path.isdir(nearest) or not os.access(nearest, os.W_OK | os.X_OK):
        mistakes.append(f"sink {info['id']}: files cannot be made in {folder}")


def _existing(folder: str) -> str:
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return folder


def _calls(module: str, level: str | None) -> Iterator[str]:
    """Explain one call, or one at each of the usual levels."""
    names = ("DEBUG", "INFO", "WARNING", "ERROR") if level is None else (level,)
    for name in names:
        wanted = int(name) if name.isdecimal() else name
        for sink, reason in _logly._reasons_hidden(logger, module, wanted):
            outcome = f"not shown: {reason}" if reason else "shown"
            yield f"a call at {name} in {module}, sink {sink}: {outcome}"
