"""Logging for Celery: `install` adds the task, and the request that asked for it, to the records of tasks.

In a worker, Celery's own records go to logly, as with `intercept_logging`; Celery then leaves `logging` alone.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from celery import signals  # type: ignore[import-untyped, unused-ignore]

from logly._logly import _context, _pop_context, _push_context
from logly._naming import guided
from logly._stdlib.undoing import Undoable
from logly.integrations._interception import Interception, intercept_logging
from logly.integrations._requests import span_of
from logly.integrations.logging import SIEVES
from logly.logger._given import flag, logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Mapping

    from logly.logger import Logger

_HEADER = "logly"
"""The header of a message that carries the fields of the sender."""

_TOKENS = "_logly_tokens"
"""The attribute of a task's request that holds the tokens to end its contexts, one for each installation."""

_BODY = "\n\nThe full contents of the message body was:"
"""The text before the whole content of a message that Celery cannot use."""

_TRACE = ("trace_id", "parent_id")
"""Fields that give way to the ids of a task's own span."""

_PLAIN = (str, int, float, bool)


class Installation(Undoable):
    """The changes of `install`, taken back by `undo` or at the end of a `with` block."""

    __slots__ = ("_carry", "_intercept", "_interceptions", "_logger", "_receivers", "_sinks")

    def __init__(self, logger: Logger, carry: tuple[str, ...], *, intercept: bool) -> None:  # noqa: D107 - `install` makes it
        self._logger, self._carry, self._intercept = logger, carry, intercept
        self._interceptions: list[Interception] = []
        self._sinks: list[int] = []
        self._receivers: list[tuple[Any, str]] = []

    def undo(self) -> None:
        """Restore Celery and `logging`. Another call does nothing."""
        while self._receivers:
            signal, key = self._receivers.pop()
            signal.disconnect(dispatch_uid=key)
        while self._interceptions:
            self._interceptions.pop().undo()
        while self._sinks:
            self._logger.remove(self._sinks.pop())

    def connect(self) -> None:
        """Listen to Celery's signals."""
        self._receive(signals.before_task_publish, self._send)
        self._receive(signals.task_prerun, self._begin)
        self._receive(signals.task_postrun, self._end)
        if self._intercept:
            SIEVES["celery"] = _sieve
            self._receive(signals.setup_logging, self._set_up)

    def _receive(self, signal: Any, receiver: Callable[..., object]) -> None:
        # Without a key, Celery 5.6 takes the methods of two installations for one.
        key = f"logly {id(self)} {receiver.__name__}"
        signal.connect(receiver, weak=False, dispatch_uid=key)
        self._receivers.append((signal, key))

    def _send(self, headers: dict[str, Any] | None = None, **_signal: object) -> None:
        """Put the sender's fields into the message of a task."""
        carried = _carried({**_context(), **self._trace()}, self._carry)
        if headers is not None and carried:
            # Another installation may have added some already.
            there = headers.get(_HEADER)
            headers[_HEADER] = {**there, **carried} if isinstance(there, dict) else carried

    def _trace(self) -> dict[str, object]:
        """Return the ids of the sender's span, as those of a caller."""
        span = span_of(self._logger)
        return {} if span is None else {"trace_id": span["trace_id"], "parent_id": span["span_id"]}

    def _begin(self, task: Any, task_id: str, **_signal: object) -> None:
        """Enter the context of a task that is about to run."""
        sent = getattr(task.request, _HEADER, None)
        fields = _carried(sent, self._carry) if isinstance(sent, dict) else {}
        trace = {name: fields.pop(name) for name in _TRACE if name in fields}
        token = _push_context({**fields, "task_id": task_id, "task": task.name}, trace)
        task.request.__dict__.setdefault(_TOKENS, []).append(token)

    def _end(self, task: Any, **_signal: object) -> None:
        # At the end, signals come in the same order as at the beginning. So take the last token, even if another
        # installation entered it: contexts end in reverse order.
        tokens = task.request.__dict__.get(_TOKENS)
        if tokens:
            _pop_context(tokens.pop(), inner=True)

    def _set_up(self, loglevel: int = 0, logfile: str | None = None, **_signal: object) -> None:
        """Set up `logging` in a worker, in Celery's place."""
        if logfile:
            self._sinks.append(self._logger.add(logfile, level=loglevel))
        self._interceptions.append(intercept_logging(loglevel, logger=self._logger))


@guided
def install(
    *,
    carry: Iterable[str] = ("request_id", "trace_id", "parent_id"),
    intercept: bool = True,
    logger: Logger | None = None,
) -> Installation:
    """Add the task, and the request that asked for it, to the records of Celery's tasks.

    Call it where the Celery application is made: workers import that module, and so do programs that send tasks. Within
    a task, records have the fields `task_id` and `task`, its name. They also have the sender's fields of
    `contextualize` that are named in `carry`: these travel in the message, and from task to task too. Celery logs an
    exception of a task once, with its traceback: at ERROR, or as `throws` of the task says. Retries are logged the same
    way, at INFO.

    In a worker, the records of Celery and of other users of `logging` go to logly, from `--loglevel` up. If `--logfile`
    is given, logly writes to it too. Sinks also apply their own levels. Celery then changes neither the root logger nor
    standard output. Children of the pool have the sinks of their parent, with writers of their own.

    Args:
        carry: Names of context fields that tasks get from their senders. Values that are not text, numbers or booleans
            become text.
        intercept: Whether workers send the records of `logging` to logly.
        logger: The logger whose sinks get the intercepted records; the global logger by default.

    Returns:
        An object with `undo()`. It is also a context manager.

    Raises:
        TypeError: An argument has the wrong type.

    Example:
        >>> import celery, logly
        >>> from logly import logger
        >>> from logly.integrations.celery import install
        >>> app = celery.Celery("shop", broker="memory://")
        >>> @app.task(name="ship")
        ... def ship(order):
        ...     logger.info("shipping {order}", order=order)
        >>> with logly.testing.capture() as records, install():
        ...     result = ship.apply([17])
        >>> [(record["message"], record["task"]) for record in records if record["module"] != "celery.app.trace"]
        [('shipping 17', 'ship')]
    """
    made = Installation(logger_of(logger), _checked(carry), intercept=flag("intercept", intercept))
    made.connect()
    return made


def _checked(carry: Iterable[str]) -> tuple[str, ...]:
    is_iterable = hasattr(carry, "__iter__") and not isinstance(carry, str)
    names = tuple(carry) if is_iterable else ()
    if not is_iterable or not all(isinstance(name, str) for name in names):
        message = f'carry: expected names of fields such as ("request_id",), got {carry!r}'
        raise TypeError(message)
    return names


def _carried(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the named fields, with values that every serializer accepts."""
    found = {name: fields[name] for name in names if name in fields}
    return {name: value if isinstance(value, _PLAIN) else str(value) for name, value in found.items()}


def _sieve(record: logging.LogRecord) -> logging.LogRecord:
    """Remove the arguments of tasks. Celery adds them to each record of a task, and they may hold secrets."""
    if isinstance(record.msg, str) and _BODY in record.msg and isinstance(record.args, tuple):
        return _without_body(record, record.msg.partition(_BODY)[0], record.args)
    given = record.__dict__.get("data")
    if not isinstance(given, dict):
        return record
    plain = copy(record)
    del plain.__dict__["data"]
    if "runtime" in given:
        plain.__dict__["duration_ms"] = round(given["runtime"] * 1000, 3)
    return plain


def _without_body(record: logging.LogRecord, message: str, args: tuple[object, ...]) -> logging.LogRecord:
    """Remove the message of a task that the worker does not know, except for its id."""
    plain = copy(record)
    plain.msg, plain.args = message, args[: message.count("%")]
    for headers in args:
        if isinstance(headers, dict) and isinstance(headers.get("id"), str):
            plain.__dict__["task_id"] = headers["id"]
    return plain
