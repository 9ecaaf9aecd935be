"""The restrictions on a configuration file that was found in the current folder and not named by the program.

The file comes from the author of the folder: it may be a cloned repository, or a folder that others write to. Such a
file may control how lines look and which of them are written, and may have log files of its own in its folder. It must
not empty files, lead out of the folder, write files that other programs run or read, or reveal private data of the
program.
"""

from __future__ import annotations

import os

from logly._config.document import NOT_NAMED
from logly._logly import _parameters, _path_of_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from logly._config.document import Document


def _allowed(function: str) -> frozenset[str]:
    """Return all names of the parameters whose row in the table of a function says that such a file may have them."""
    rows = [(name, *synonyms) for name, synonyms, _, _, is_allowed in _parameters(function) if is_allowed]
    return frozenset(name for names in rows for name in names)


SETTINGS = _allowed("configure")
"""The settings that such a file may have. A new setting is refused until it is reviewed and its row says so."""

OPTIONS = _allowed("add") | {"sink"}
"""The options of a sink that such a file may have."""

SUFFIXES = (".log", ".json", ".jsonl", ".ndjson", ".logfmt")
"""Suffixes of its log files: no shell, interpreter, compiler or version control uses files with these names."""

MOST_PERMISSIONS = 0o664
"""The most permissions of its files: never executable, and not writable for everyone."""


def note_dangers(found: Document) -> None:
    """Note the settings and options that such a file may not have as mistakes."""
    for name in found.settings:
        if name not in SETTINGS and not found.has_mistake(name):
            found.note(name, f"such settings {NOT_NAMED}")
    for path, text in _texts(found.settings, ""):
        _note_control_characters(found, path, text)
    for number, sink in enumerate(found.sinks or []):
        for path, text in _texts(sink, f"sinks[{number}]"):
            _note_control_characters(found, path, text)
        for name, value in sink.items():
            danger = _danger(name, value)
            if danger is not None and not found.has_mistake(f"sinks[{number}].{name}"):
                found.note(f"sinks[{number}].{name}", f"{danger} {NOT_NAMED}")


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a value, with its key."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{number}]")


def _note_control_characters(found: Document, path: str, text: str) -> None:
    if any((char < " " and char not in "\n\t") or "\x7f" <= char <= "\x9f" for char in text):
        found.note(path, f"control characters {NOT_NAMED}")


def _danger(name: str, value: object) -> str | None:
    """Return the name of the forbidden thing that an option does, or None."""
    if name not in OPTIONS:
        return "such options"
    if name == "mode" and value in {"w", "wt"}:
        return "orders to empty a file"
    if name == "permissions" and isinstance(value, int) and value & ~MOST_PERMISSIONS:
        return f"permissions beyond 0o{MOST_PERMISSIONS:o}"
    return _danger_of_sink(value) if name == "sink" and isinstance(value, str) else None


def _danger_of_sink(sink: str) -> str | None:
    try:
        path = _path_of_sink(sink)
    except ValueError:
        # The general check of the file reports this.
        return None
    if path is None:
        is_known = sink in {"console", "stdout", "stderr", "logging"} or sink.startswith("logging:")
        return None if is_known else "sinks of this kind"
    folder, name = os.path.split(sink)
    if "{" in folder:
        return "folders with a time, a process or a host in their name"
    danger = _danger_of_path(path)
    if danger is None and "{" in name:
        return _danger_of_links(os.path.dirname(path), os.path.splitext(path)[1])
    return danger


def _danger_of_path(path: str) -> str | None:
    """Return the mistake in the location of a log file, after following links, or None."""
    root = os.path.realpath(os.curdir)
    # Text operations only: importing pathlib would cost time.
    try:
        inside = os.path.relpath(os.path.realpath(path), root).split(os.sep)
    except ValueError:  # on another drive of Windows
        inside = [os.pardir]
    if inside[0] == os.pardir:
        return "paths outside its folder"
    if any(part.startswith(".") for part in inside):
        return "hidden files and folders"
    if not inside[-1].endswith(SUFFIXES):
        return f"files whose names do not end in {', '.join(SUFFIXES)}"
    return None


def _danger_of_links(folder: str, suffix: str) -> str | None:
    """Return the mistake in existing links that a file name with a time in it may resolve to, or None."""
    try:
        links = [entry.path for entry in os.scandir(folder) if entry.is_symlink() and entry.name.endswith(suffix)]
    except OSError:
        # The folder does not exist yet, and will be made.
        return None
    return next(filter(None, map(_danger_of_path, links)), None)
