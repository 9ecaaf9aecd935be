"""`add` in this dialect: the options that programs give, checked, in the form that the extension takes."""

from __future__ import annotations

import os
import sys

from logly.loguru._formats import filled_in, templating

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def add(logger: Any, sink: Any, options: dict[str, Any], others: dict[str, Any]) -> int:
    """Add a sink to a logger and return its id."""
    given = _common(logger, options)
    if _is_handler(sink):
        from logly.loguru._handlers import format_of

        options = {**options, "format": format_of(options["format"])}
    target, of_kind = _target(sink, options, others)
    given.update(of_kind)
    given["format"] = _format(options["format"])
    try:
        return int(logger._add(target, given))
    except (TypeError, ValueError) as error:
        if not (isinstance(options["format"], str) and str(error).startswith("format: ")):
            raise _explained(error, others) from None
    given["format"] = filled_in(options["format"])
    return int(logger._add(target, given))


def _explained(error: Exception, others: dict[str, Any]) -> Exception:
    if not others:
        return error
    from logly.loguru._files import explained  # for errors alone

    return explained(error, others)


def _common(logger: Any, options: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "level": level_number(logger, options["level"]),
        "backtrace": bool(options["backtrace"]),
        "diagnose": bool(options["diagnose"]),
    }
    if options["colorize"] is not None:
        given["color"] = bool(options["colorize"])
    if options["serialize"]:
        given["json"] = True
    wanted = _filter(logger, options["filter"])
    if wanted is not None:
        given["filter"] = wanted
    if isinstance(options["context"], str):
        from multiprocessing import get_context  # few programs give it

        get_context(options["context"])
    return given


def level_number(logger: Any, level: Any) -> int:
    """Return the number of a level."""
    if isinstance(level, str):
        return int(logger.level(level).no)
    if not isinstance(level, int):
        message = f"Invalid level, it should be an integer or a string, not: '{type(level).__name__}'"
        raise TypeError(message)
    if level < 0:
        message = f"Invalid level value, it should be a positive integer, not: {level}"
        raise ValueError(message)
    return level


def _filter(logger: Any, wanted: Any) -> Any:
    if wanted is None or wanted == "":
        return None
    if isinstance(wanted, str) or callable(wanted):
        return wanted
    if isinstance(wanted, dict):
        rules = {module: _threshold(logger, module, level) for module, level in wanted.items()}
        if None in rules:
            from logly.loguru._filters import by_module  # few programs have modules without a name

            return by_module(rules)
        return rules or None
    message = f"Invalid filter, it should be a function, a string or a dict, not: '{type(wanted).__name__}'"
    raise TypeError(message)


def _threshold(logger: Any, module: Any, level: Any) -> int | bool:
    start = "The filter dict contains"
    if module is not None and not isinstance(module, str):
        message = f"{start} an invalid module, it should be a string (or None), not: '{type(module).__name__}'"
        raise TypeError(message)
    if isinstance(level, bool):
        return level
    if isinstance(level, str):
        try:
            return int(logger.level(level).no)
        except ValueError:
            message = f"{start} a module '{module}' associated to a level name which does not exist: '{level}'"
            raise ValueError(message) from None
    start = f"{start} a module '{module}' associated to an invalid level, it should be"
    if not isinstance(level, int):
        message = f"{start} an integer, a string or a boolean, not: '{type(level).__name__}'"
        raise TypeError(message)
    if level < 0:
        message = f"{start} a positive integer, not: '{level}'"
        raise ValueError(message)
    return level


def _format(given: Any) -> Any:
    if isinstance(given, str):
        return given
    if callable(given):
        return templating(given)
    message = f"Invalid format, it should be a string or a function, not: '{type(given).__name__}'"
    raise TypeError(message)


def _target(sink: Any, options: dict[str, Any], others: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the sink as the extension takes it, and the options that only sinks of its kind have."""
    if isinstance(sink, (str, os.PathLike)):
        from logly.loguru._files import of_file  # not every program has files

        return of_file(sink, others)
    given: dict[str, Any] = {"async_write": True} if options["enqueue"] else {}
    if not options["catch"] and not options["enqueue"]:
        given["catch"] = False
    loop = others.pop("loop", None) if _is_coroutine(sink) else None
    if others:
        message = f"add() got an unexpected keyword argument '{next(iter(others))}'"
        raise TypeError(message)
    if _is_handler(sink):
        from logly.loguru._handlers import of_handler

        has_break = bool(options["serialize"]) or not isinstance(options["format"], str)
        return of_handler(sink, has_break=has_break), given
    if hasattr(sink, "write") and callable(sink.write):
        return sink, given
    if _is_coroutine(sink):
        return sink, {"loop": loop or _running_loop()} if loop or _running_loop() else {}
    if callable(sink):
        return sink, given
    message = f"Cannot log to objects of type '{type(sink).__name__}'"
    raise TypeError(message)


def _is_handler(sink: Any) -> bool:
    logging = sys.modules.get("logging")
    return logging is not None and isinstance(sink, logging.Handler)


def _is_coroutine(sink: Any) -> bool:
    from inspect import iscoroutinefunction  # `add` is called seldom

    return iscoroutinefunction(sink) or iscoroutinefunction(getattr(sink, "__call__", None))  # noqa: B004 - of its class


def _running_loop() -> Any:
    asyncio = sys.modules.get("asyncio")
    return None if asyncio is None else asyncio._get_running_loop()
