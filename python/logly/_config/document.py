"""A configuration file: settings and sinks, each with its line and key, which errors name."""

from __future__ import annotations

import os
import re

from logly._config.printable import printable
from logly._config.reading import text_of
from logly._logly import _mistake, _read_document
from logly.logger._given_sinks import name_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.logger import Logger

NAMES = ("logly.toml", "logly.json", "pyproject.toml")
"""The files that are searched in the current folder if no path is given."""

# Applied to text that ends with a brace: a search for a default without a closing brace would take quadratic time.
_VARIABLE = re.compile(r"\$(?P<escape>\$?)\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<otherwise>[^}]*))?\}")
_UNKNOWN = re.compile(r'unexpected keyword argument "(?P<key>[^"]*)"')
_PREFIX = re.compile(r"(?P<key>\w+): ")


MOST_MISTAKES = 100
"""The most mistakes that are reported for one file."""

NOT_NAMED = (
    "are refused in a file that was found, not named; logly.load(PATH), LOGLY_CONFIG and logly.load(trust=True) take it"
)
"""The reason why a setting of a file found in the current folder is a mistake."""


class NoTableError(ValueError):
    """A `pyproject.toml` has no table for logly."""


class Document:
    """The content of a configuration file.

    Attributes:
        settings: The arguments of `configure`.
        sinks: For each sink the arguments of `add`, with the sink itself under the key `sink`; None if the file does
            not mention sinks.
        text: The content of the file.
        mistakes: The mistakes, each as `file:line: key: text` in printable characters; empty if the file can be
            applied.

    Args:
        path: The file.
        entry: The parsed content, with line numbers.
        prefix: The keys above its own table.
        fills_in: Whether it may use variables of the environment; otherwise each is a mistake.
    """

    def __init__(self, path: str, entry: tuple[int, Any], prefix: str = "", *, fills_in: bool = True) -> None:
        self.path = path
        self.text = ""
        self._fills_in = fills_in
        self.mistakes: list[str] = []
        self.settings: dict[str, Any] = {}
        self.sinks: list[dict[str, Any]] | None = None
        self._lines: dict[str, int] = {}
        self._mistaken: set[str] = set()
        self._prefix = prefix
        table = self._plain(entry, "")
        if not isinstance(table, dict):
            self.note("", f"expected a table of settings, got {table!r}")
            return
        sinks = table.pop("sinks", None)
        self.settings = table
        if sinks is not None:
            self._take_sinks(sinks)

    def check(self, logger: Logger) -> None:
        """Note the settings and sinks that a logger would refuse. Nothing changes, and no file is opened."""
        known: dict[str, Any] = {}
        # Levels first: other settings may name levels that are defined here.
        for name in sorted(self.settings, key=lambda name: name != "levels"):
            setting = {name: self.settings[name]}
            error = _mistake(logger, {**known, **setting})
            if error is None:
                known.update(setting)
            elif not self.has_mistake(name):
                self.note(name, _without_key(error, name))
            if len(self.mistakes) >= MOST_MISTAKES:
                return
        for number, sink in enumerate(self.sinks or []):
            if isinstance(sink.get("sink"), str):
                self._check_sink(f"sinks[{number}]", logger, known, dict(sink))

    def _check_sink(self, path: str, logger: Logger, settings: dict[str, Any], options: dict[str, Any]) -> None:
        target = options.pop("sink")
        while True:
            error = _mistake(logger, settings, (target, options))
            if error is None:
                return
            key = _key_of(error)
            place = _join(path, key if key == "sink" or key in options else "")
            if not self.has_mistake(place):
                self.note(place, _without_key(error, key))
            if key not in options or len(self.mistakes) >= MOST_MISTAKES:
                return
            # Without this option, the next round finds further mistakes.
            del options[key]

    def _take_sinks(self, sinks: Any) -> None:
        if not isinstance(sinks, list) or not all(isinstance(sink, dict) for sink in sinks):
            self.note("sinks", f"expected tables, as [[{_join(self._prefix, 'sinks')}]] begins them, got {sinks!r}")
            return
        self.sinks = sinks
        for number, sink in enumerate(sinks):
            name_sink(sink)
            if not isinstance(sink.get("sink"), str):
                got = f"{sink['sink']!r}" if "sink" in sink else "none"
                self.note(f"sinks[{number}].sink", f'expected a path, "console", "stderr" or "logging", got {got}')

    def has_mistake(self, path: str) -> bool:
        """Tell whether a mistake was noted at exactly this key."""
        return path in self._mistaken

    def note(self, path: str, what: str) -> None:
        """Add a mistake at a key, unless the file has too many already."""
        self._mistaken.add(path)
        if len(self.mistakes) >= MOST_MISTAKES:
            return
        # The line of the nearest enclosing key: a missing key has no line.
        nearest = path
        while nearest and nearest not in self._lines:
            nearest = nearest[: max(nearest.rfind("."), nearest.rfind("["), 0)]
        shown = _join(self._prefix, path)
        mistake = f"{self.path}:{self._lines.get(nearest, 1)}: {shown + ': ' if shown else ''}{what}"
        self.mistakes.append(printable(mistake))

    def _plain(self, entry: tuple[int, Any], path: str) -> Any:
        """Return a value with variables filled in; record its lines by key."""
        line, value = entry
        self._lines[path] = line
        if isinstance(value, dict):
            return {key: self._plain(inner, _join(path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._plain(inner, f"{path}[{number}]") for number, inner in enumerate(value)]
        return self._filled_in(value, path) if isinstance(value, str) else value

    def _filled_in(self, text: str, path: str) -> object:
        """Fill in `${NAME}` and `${NAME:-default}`; `$${` stands for `${`."""

        def value_of(match: re.Match[str]) -> str:
            if match["escape"]:
                return match[0][1:]
            if not self._fills_in:
                self.note(path, f"{match[0]}: variables {NOT_NAMED}")
                return ""
            if "${" in (match["otherwise"] or ""):
                self.note(path, f"expected a default without variables, got {match[0]}")
            value = os.environ.get(match["name"]) or match["otherwise"]
            if value is None:
                value = os.environ.get(match["name"])
            if value is None:
                self.note(path, f"the environment has no {match['name']}; ${{{match['name']}:-...}} has a default")
            return value or ""

        end = text.rfind("}") + 1
        filled = _VARIABLE.sub(value_of, text[:end]) + text[end:]
        whole = _VARIABLE.fullmatch(text)
        if whole is None or whole["escape"] or path.startswith("extra") or path.endswith(".sink"):
            return filled
        return _typed(filled)


def _key_of(error: Exception) -> str:
    """Return the parameter that an error names."""
    found = _UNKNOWN.search(str(error)) or _PREFIX.match(str(error))
    return "" if found is None else found["key"]


def _without_key(error: Exception, key: str) -> str:
    """Return the text of an error without the parameter's name in front."""
    return str(error).removeprefix(f"{key}: ")


def _typed(text: str) -> object:
    """Return the value of a text that is a single variable: a boolean, an integer, or text."""
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else text


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path and key else path or key


def read(path: str, *, fills_in: bool = True) -> Document:
    """Read a `.toml` or `.json` file; for a `pyproject.toml`, its table `tool.logly`.

    Args:
        path: The file.
        fills_in: Whether it may use variables of the environment.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file has another suffix, is not valid, or is a `pyproject.toml` without such a table.
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in {".toml", ".json"}:
        message = f"path: expected a file whose name ends in .toml or .json, got {path!r}"
        raise ValueError(message)
    return parsed(path, text_of(path), fills_in=fills_in)


def parsed(path: str, text: str, *, fills_in: bool = True) -> Document:
    """Read the text of a file with this name, as `read` does.

    Raises:
        ValueError: As of `read`.
    """
    try:
        entry = _read_document(text, path.lower().endswith(".toml"))
    except ValueError as error:
        line, column, what = error.args
        message = f"{path}:{line}:{column}: {what}"
        raise ValueError(printable(message)) from None
    is_shared = os.path.basename(path) == "pyproject.toml"
    table, prefix = (_own_table(path, entry), "tool.logly") if is_shared else (entry, "")
    found = Document(path, table, prefix, fills_in=fills_in)
    found.text = text
    return found


def _own_table(path: str, entry: tuple[int, Any]) -> tuple[int, Any]:
    for key in ("tool", "logly"):
        table = entry[1]
        if not isinstance(table, dict) or key not in table:
            message = f"{path}: expected a table [tool.logly], there is none"
            raise NoTableError(message)
        entry = table[key]
    return entry
