"""The environment's `LOGLY_*` variables, applied to the global logger at import.

A mistake in a variable is reported in a line on standard error, and the variable is ignored: the logging configuration
must not end a program.
"""

from __future__ import annotations

import os

from logly._logly import _tell_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.logger import Logger

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def apply(logger: Logger) -> None:
    """Configure a logger by the variables: `LOGLY_CONFIG` first; the other variables override it."""
    if os.environ.get("LOGLY_AUTOINIT", "").lower() in _FALSE:
        logger.configure(console=False)
        return
    for name, set_up in (("LOGLY_CONFIG", _load), ("LOGLY_LEVEL", _set_level), ("LOGLY_JSON", _set_json)):
        value = os.environ.get(name)
        if value:
            _attempt(name, set_up, logger, value)
    _add_sinks(logger, os.environ.get("LOGLY_FORMAT"), os.environ.get("LOGLY_FILE"))


def levels(text: str) -> tuple[str | int | None, dict[str, str | int | bool]]:
    """Read `"info,sqlalchemy=warning,app.db=debug"`: the general level, if given, and the levels of modules.

    A level is a name or a number; `off` switches a module off.

    Raises:
        ValueError: The general level is given twice, or a name or level is missing.
    """
    general: str | int | None = None
    modules: dict[str, str | int | bool] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        module, is_module, level = (word.strip() for word in part.partition("="))
        if is_module and module and level:
            modules[module] = False if level.lower() == "off" else _number(level)
        elif is_module or general is not None:
            message = f'expected a level and module=level, as "info,app.db=debug", got "{text}"'
            raise ValueError(message)
        else:
            general = _number(module)
    return general, modules


def _number(level: str) -> str | int:
    return int(level) if level.isdecimal() else level


def _attempt(name: str, set_up: Any, logger: Logger, value: str) -> None:
    try:
        set_up(logger, value)
    except (OSError, TypeError, ValueError) as error:
        # One line for each: a file may have several mistakes.
        for line in str(error).splitlines():
            _tell_once(f"{name} is ignored: {line}")


def _load(logger: Logger, path: str) -> None:
    from logly._config.load import load  # few programs have a file

    load(path, logger=logger)


def _set_level(logger: Logger, text: str) -> None:
    general, modules = levels(text)
    settings: dict[str, Any] = {} if general is None else {"level": general}
    logger.configure(**settings, module_levels=modules)


def _set_json(logger: Logger, text: str) -> None:
    logger.configure(json=style(text))  # type: ignore[arg-type]  # checked there


def style(text: str) -> str | bool:
    """Read a style of JSON, or whether there is any."""
    lowered = text.lower()
    return True if lowered in _TRUE else False if lowered in _FALSE else lowered


def _add_sinks(logger: Logger, format_: str | None, path: str | None) -> None:
    """Add a console with this format, and a file, which is opened at the first record."""
    options: dict[str, Any] = {"format": format_} if format_ else {}
    if format_ and any(info["implicit"] for info in logger.all_sinks_info()):
        _attempt("LOGLY_FORMAT", lambda logger, _: logger.add("console", **options), logger, format_)
    if path:
        _attempt("LOGLY_FILE", lambda logger, path: logger.add(path, delay=True, **options), logger, path)
