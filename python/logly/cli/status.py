"""The command `logly status`: shows a running program's sinks, counts and levels, or lists the programs that serve."""

from __future__ import annotations

import sys

from logly._config.printable import printable
from logly.cli.level import lines_of
from logly.cli.spans import span

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

_NOT_OPTIONS = {"id", "kind", "name", "level", "level_no", "enabled", "json", "format", "path", "async_write"}
_COUNTS = {"implicit", "written", "filtered", "dropped", "stats"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "process", nargs="?", metavar="PID", help="the number of a process, or the path of its socket; without, a list"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object; for the list, one in each line")


def status(given: argparse.Namespace) -> int:
    """Show the program or the list. Return 0, 1 if no program serves, or 2 if something is wrong."""
    from logly.cli.asking import AskingError, ask, find  # every command imports this module

    if given.process is None:
        return _list(is_json=given.json)
    try:
        found = ask(find(given.process), {"do": "status"})
    except AskingError as error:
        _tell(error)
        return 2
    if given.json:
        _print_json(found)
    else:
        for line in _lines(found):
            print(printable(line))
    return 0


def _list(*, is_json: bool) -> int:
    from logly.cli.asking import HOW, AskingError, all_here, ask

    code = 1
    for path in all_here():
        try:
            found = ask(path, {"do": "status"})
        except AskingError as error:
            _tell(error)
            code = 2
            continue
        code = code if code == 2 else 0  # noqa: PLR2004 - an exit code
        if is_json:
            _print_json(found)
        else:
            print(printable(_summary(found)))
    if code == 1:
        print(f"logly status: no process of this user serves: {HOW}", file=sys.stderr)
    return code


def _tell(error: Exception) -> None:
    print(printable(f"logly status: {error}"), file=sys.stderr)


def _print_json(found: dict[str, Any]) -> None:
    import json

    print(json.dumps(found))


def _summary(found: dict[str, Any]) -> str:
    sinks, lost = len(found["sinks"]), sum(found["lost"].values())
    return (
        f"{found['pid']}: {found['program']}, up {span(found['uptime'])}, level {found['levels']['level']}, "
        f"{sinks} {'sink' if sinks == 1 else 'sinks'}, {lost} lost"
    )


def _lines(found: dict[str, Any]) -> Iterator[str]:
    versions = f"logly {found['version']}, Python {found['python']}"
    yield f"process {found['pid']}: {found['program']}, up {span(found['uptime'])}, {versions}"
    yield from (f"level of {line}" for line in lines_of({**found["levels"], "own": []}))
    for sink in found["sinks"]:
        yield _sink(sink)
        yield f"  {_counts(sink['stats'])}"
    for callback in found["callbacks"]:
        yield f"callback {callback['id']}: {callback['name']}: {_counts(callback)}"
    if "config" in found:
        yield _config(found["config"])
    yield f"lost: {_lost(found['lost']) or 'nothing'}"


def _sink(sink: dict[str, Any]) -> str:
    form = "JSON" if sink["json"] else sink["format"] or "text"
    where = "in the background" if sink["async_write"] else "by the thread that logs"
    hidden = _NOT_OPTIONS | _COUNTS
    options = "".join(f", {name}={value}" for name, value in sink.items() if name not in hidden and value is not None)
    off = "" if sink["enabled"] else ", switched off"
    return f"sink {sink['id']}: {sink['kind']} {sink['name']}, from {sink['level']}, {form}, {where}{options}{off}"


def _counts(counts: dict[str, Any] | None) -> str:
    if counts is None:
        return "no counts"
    lost = _lost(counts["dropped"])
    counted = f"{counts['written']} written, {counts['filtered']} filtered, {counts['pending']} pending"
    return f"{counted}, lost: {lost}" if lost else counted


def _lost(lost: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in lost.items() if count)


def _config(config: dict[str, Any]) -> str:
    state = f", not applied: {config['mistake']}" if config["mistake"] else ""
    return f"configuration: {config['path']}, watched, applied {config['reloads']} times since the start{state}"
