"""`production`, which sets up everything that a service in a container needs from its logging."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from logly import _logly
from logly._config import environment
from logly._naming import guided, shown
from logly._sinks import terminals
from logly.logger import logger
from logly.logger._given import flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Literal

    from logly._capture.warnings import WarningCapture
    from logly.integrations.opentelemetry import Installation
    from logly.typing import ExceptionForm, IncludedPart, Json, LevelName, RedactOptions

_DESCRIPTORS = {"stdout": 1, "stderr": 2}

_NO_LEVEL = 2**31 - 1
"""A level that no record has."""

_warnings: WarningCapture | None = None
"""The capture of the last call, which the next one replaces."""

_spans: Installation | None = None
"""The same for the ids of spans."""


@guided
def production(  # noqa: PLR0913 - each is an option of its own
    json: Json | None = None,
    *,
    stream: Literal["stdout", "stderr"] = "stdout",
    level: LevelName | int | None = None,
    keys: Mapping[str, str | None] | None = None,
    static: Mapping[str, object] | None = None,
    include: Sequence[IncludedPart] | None = None,
    exception: ExceptionForm | None = None,
    where: str | None = None,
    sample: float | None = None,
    limit: str | None = None,
    redact: bool | RedactOptions = True,
    opentelemetry: bool | None = None,
) -> int:
    """Set up the global logger for a service in a container, and return the id of its sink.

    - The sink writes JSON to *stream*, directly and in the background, and takes the place of all consoles. Other sinks
      stay. On a terminal and in a notebook, it writes the default text instead, unless `LOGLY_JSON` names a shape. If
      `sys.stdout` is another stream, as in a test, lines go through that stream, and standard error says so.
    - Records of `logging` go to logly: see `intercept_logging`.
    - Uncaught exceptions become records: see `install_hooks`. So do warnings: see `capture_warnings`.
    - Records have the ids of OpenTelemetry's active span, if OpenTelemetry is installed: see
      `logly.integrations.opentelemetry`.
    - Secrets are masked for all sinks and callbacks: see `configure(redact=)`.
    - `LOGLY_LEVEL` sets the level and those of modules, as in `"info,sqlalchemy=warning"`, even if it was set after the
      import of logly. `LOGLY_JSON` names the shape if *json* does not.

    Another call replaces the sink and the settings of the one before. Children of `multiprocessing` have all of it, by
    each start method.

    Args:
        json: The shape of the lines, such as `"ecs"`. The default is `LOGLY_JSON`, or else logly's own JSON.
        stream: The standard stream to write to.
        level: The lowest level, where `LOGLY_LEVEL` says none; it is INFO if no call changed it.
        keys: As in `add`, like the following options.
        static: The same in every line, such as `{"service": "shop"}`.
        include: The parts of the record that lines show.
        exception: The form of exceptions.
        where: An expression that records must meet.
        sample: The share of the records below ERROR.
        limit: How many records below ERROR of each call site.
        redact: As in `configure`.
        opentelemetry: Whether records have the ids of spans. By default they do if the package is installed.

    Raises:
        TypeError: An argument is of a wrong type.
        ValueError: A value is not allowed.
        OSError: The program was started without this stream.
        ImportError: OpenTelemetry was asked for and is not installed.

    Example:
        >>> import logly
        >>> sink = logly.production(static={"service": "shop"})
        >>> logly.logger.sink_info(sink)["level"]
        'INFO'
        >>> logly.logger.reset()
    """
    if not isinstance(stream, str) or stream not in _DESCRIPTORS:
        message = f'stream: expected "stdout" or "stderr", got {shown(stream)}'
        raise (ValueError if isinstance(stream, str) else TypeError)(message)
    has_spans = _has_opentelemetry() if opentelemetry is None else flag("opentelemetry", opentelemetry)
    if has_spans and not _has_opentelemetry():
        message = "production(opentelemetry=True) needs OpenTelemetry: pip install opentelemetry-api"
        raise ImportError(message, name="opentelemetry")
    general, modules = _levels()
    wanted = general if general is not None else level
    shape = {"json": json, "keys": keys, "static": static, "include": include, "exception": exception}
    # The new sink takes the default console away, so mistakes show before.
    logger.remove(logger.add(_discard, level=_NO_LEVEL if wanted is None else wanted, redact=redact))
    sink = _add(stream, shape, {"where": where, "sample": sample, "limit": limit})
    try:
        logger.configure(level=wanted, module_levels=modules or None, redact=redact)
        _take_spans(is_wanted=has_spans)
    except (ImportError, TypeError, ValueError):
        logger.remove(sink)
        raise
    for info in logger.all_sinks_info():
        if info["kind"] in {"console", "direct"} and info["id"] != sink:
            logger.remove(info["id"])
    _capture()
    return sink


def described(stream: str = "stdout") -> Iterator[str]:
    """Describe what `production` would set in this process, for `python -m logly doctor`."""
    target, other = _target(stream)
    style = _style()
    shape = f"JSON ({style})" if isinstance(style, str) else "text" if style is False else "JSON"
    if target == "text":
        yield f"text on {stream}, which is a terminal"
    elif target == "direct":
        yield f"{shape} on {stream}, directly and in the background"
    elif target == "console":
        yield f"{shape} on {stream}"
    else:
        yield f"{shape} through sys.{stream}, which is {shown(other)}"
    general, modules = _levels()
    named = [f"{name}={'off' if level is False else level}" for name, level in modules.items()]
    yield ", ".join([f"level {general or 'INFO'}", *named]) + "; masks for secrets"
    if _has_opentelemetry():
        yield "ids of OpenTelemetry's spans"
    yield "records of logging, warnings, uncaught exceptions of threads, event loops and the program"


def _discard(_line: str) -> None:
    """Take nothing: the sink of a check."""


def _add(stream: str, shape: dict[str, Any], options: dict[str, Any]) -> int:
    """Add the sink in the form that fits the stream."""
    target, other = _target(stream)
    style = shape["json"] if shape["json"] is not None else _style()
    lines = {**shape, "json": True if style is None else style}
    if target == "direct":
        return logger.add(stream, direct=True, **lines, **options)
    if target == "text":
        # A mistake in the shape shows on a developer's terminal, not first in the container.
        logger.remove(logger.add(stream, level=_NO_LEVEL, **lines, **options))
        return logger.add(stream, json=False, **options)
    sink = logger.add(stream, **lines, **options)
    if target == "console":
        return sink
    _logly._tell_once(f"production(): sys.{stream} is {shown(other)}, so lines go through it, not directly")
    return sink


def _target(stream: str) -> tuple[Literal["direct", "console", "text", "stream"], object]:
    """Return how to write to a stream of `sys`, and the object that takes the place of the standard stream."""
    if not isinstance(_style(), (str, bool)):
        is_terminal, _ = terminals.look_of(getattr(sys, stream, None))
        if is_terminal:
            return "text", None
    other = terminals.other_than(stream, _DESCRIPTORS[stream])
    if other is not None:
        return "stream", other
    return ("console" if sys.platform == "win32" else "direct"), None


def _style() -> Any:
    """Return the style that `LOGLY_JSON` names; None if it is not set, or not heeded."""
    text = os.environ.get("LOGLY_JSON") if _logly._heeds_environment() else None
    return environment.style(text) if text else None


def _levels() -> tuple[str | int | None, dict[str, str | int | bool]]:
    """Return the levels that `LOGLY_LEVEL` names. A mistake was told at the import of logly."""
    text = os.environ.get("LOGLY_LEVEL") if _logly._heeds_environment() else None
    try:
        return environment.levels(text or "")
    except ValueError as error:
        _logly._tell_once(f"LOGLY_LEVEL is ignored: {error}")
        return None, {}


def _has_opentelemetry() -> bool:
    try:
        return find_spec("opentelemetry.context") is not None
    except (ImportError, ValueError):
        return False


def _take_spans(*, is_wanted: bool) -> None:
    """Give records the ids of spans, or leave them out."""
    global _spans  # noqa: PLW0603 - the setup of the process
    before = _spans
    if is_wanted:
        # An import of tens of milliseconds.
        from logly.integrations.opentelemetry import install

        _spans = install()
    else:
        _spans = None
    if before is not None:
        before.undo()


def _capture() -> None:
    """Have logly log the reports of other parts of Python."""
    global _warnings  # noqa: PLW0603 - the setup of the process
    # Programs that only import logly need none of these.
    from logly._capture.hooks import install_hooks
    from logly._capture.warnings import capture_warnings
    from logly.integrations._interception import intercept_logging

    if _warnings is not None:
        _warnings.undo()
    _warnings = capture_warnings()
    install_hooks()
    intercept_logging()
