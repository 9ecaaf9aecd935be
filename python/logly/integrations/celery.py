"""Celery: `install` has each task's records say which task they are of, and which request asked for it.

In a worker, what Celery logs goes to logly, as by `intercept_logging`; Celery then leaves `logging` alone.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from celery import signals  # type: ignore[import-untyped, unused-ignore]

from logly._logly import _context, _pop_context, _push_context
from logly._naming import guided
from logly._stdlib.undoing import Undoable
from logly.integrations._interception import Interception, intercept_logging
from logly.integrations.logging import SIEVES
from logly.logger._given import flag, logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Mapping

    from logly.logger import Logger

_HEADER = "logly"
"""The header of a message that has the fields of whoever sent it."""

_TOKENS = "_logly_tokens"
"""The attribute of a task's request that has what ends its contexts, one for each installation."""

_BODY = "\n\nThe full contents of the message body was:"
"""Where Celery begins to tell all that is in a message which it cannot use."""

_PLAIN = (str, int, float, bool)


class Installation(Undoable):
    """What `install` changed, to be taken back by `undo` or at the end of a `with` block."""

    __slots__ = ("_carry", "_intercept", "_interceptions", "_logger", "_receivers", "_sinks")

    def __init__(self, logger: Logger, carry: tuple[str, ...], *, intercept: bool) -> None:  # noqa: D107 - `install` makes it
        self._logger, self._carry, self._intercept = logger, carry, intercept
        self._interceptions: list[Interception] = []
        self._sinks: list[int] = []
        self._receivers: list[tuple[Any, str]] = []

    def undo(self) -> None:
        """Have Celery and `logging` as they were before. Another call does nothing."""
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

    def _receive(self, signal: Any, receiver: Callable[..., object]) -> None:  # noqa: ANN401 - Celery is untyped
        # Without a key Celery 5.6 takes methods of two installations for one.
        key = f"logly {id(self)} {receiver.__name__}"
        signal.connect(receiver, weak=False, dispatch_uid=key)
        self._receivers.append((signal, key))

    def _send(self, headers: dict[str, Any] | None = None, **_signal: object) -> None:
        """Put the sender's fields into the message of a task."""
        carried = _carried(_context(), self._carry)
        if headers is not None and carried:
            # Another installation may have put some there.
            there = headers.get(_HEADER)
            headers[_HEADER] = {**there, **carried} if isinstance(there, dict) else carried

    def _begin(self, task: Any, task_id: str, **_signal: object) -> None:  # noqa: ANN401 - as above
        """Enter the context of a task that is about to run."""
        sent = getattr(task.request, _HEADER, None)
        fields = _carried(sent, self._carry) if isinstance(sent, dict) else {}
        token = _push_context({**fields, "task_id": task_id, "task": task.name})
        task.request.__dict__.setdefault(_TOKENS, []).append(token)

    def _end(self, task: Any, **_signal: object) -> None:  # noqa: ANN401 - as above
        # Signals come in the same order at the end: the last to enter leaves first, whoever it is.
        tokens = task.request.__dict__.get(_TOKENS)
        if tokens:
            _pop_context(tokens.pop(), inner=True)

    def _set_up(self, loglevel: int = 0, logfile: str | None = None, **_signal: object) -> None:
        """Do in a worker what Celery would do to `logging`."""
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
    """Have the records of Celery's tasks say which task they are of, and which request asked for it.

    To be called where the Celery application is made, which the workers import and those that send tasks too. Within a
    task, records have the fields `task_id` and `task`, its name, and those fields of `contextualize` that the sender
    had and that are named in `carry`: they travel in the message, from task to task too. What a task raises is logged
    once, by Celery, with its traceback: at ERROR, or as `throws` of the task says; so are retries, at INFO.

    In a worker, Celery's records and those of other users of `logging` go to logly from `--loglevel` up; it writes to
    `--logfile` too, if there is one; sinks have levels of their own. Celery changes neither the root logger nor
    standard output then. Children of the pool have the sinks of their parent, with writers of their own.

    Args:
        carry: Names of fields of the context that tasks get from their senders. Values that are not text, numbers or
            booleans become text.
        intercept: Whether workers have what is logged by `logging` go to logly.
        logger: Whose sinks get what is intercepted; the global logger's by default.

    Returns:
        An object with `undo()`, which is a context manager too.

    Raises:
        TypeError: An argument is of a wrong type.

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
    """Return some of the fields, as every serializer takes them."""
    found = {name: fields[name] for name in names if name in fields}
    return {name: value if isinstance(value, _PLAIN) else str(value) for name, value in found.items()}


def _sieve(record: logging.LogRecord) -> logging.LogRecord:
    """Leave out the arguments of tasks, which Celery gives with each record of a task, secrets and all."""
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
    """Leave out the message of a task that the worker does not know, but for its id."""
    plain = copy(record)
    plain.msg, plain.args = message, args[: message.count("%")]
    for headers in args:
        if isinstance(headers, dict) and isinstance(headers.get("id"), str):
            plain.__dict__["task_id"] = headers["id"]
    return plain
