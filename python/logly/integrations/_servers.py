"""What the log configurations of servers share: the handler for their loggers, with the dict for `dictConfig`."""

from __future__ import annotations

import logging
from copy import copy

from logly.integrations._requests import ERROR_STATUS, is_logged, printable
from logly.integrations.logging import Handler
from logly.logger import logger as _global_logger
from logly.logger._given import flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from logly.typing import LevelName

    Fields = Mapping[str, object]

WEBSOCKET = "WEBSOCKET"
"""What is shown as the method of a websocket."""


class ServerHandler(Handler):
    """Gives a server's records to logly: access lines with fields, nothing that a middleware has logged.

    The query strings of access lines, in which secrets may be, are left out.
    """

    own_logger = ""
    """The name of the logger with the server's own messages."""
    access_logger = ""
    """That of the logger with a line for each request."""

    @classmethod
    def config(cls, level: LevelName | int, *, access: bool) -> dict[str, Any]:
        """Return the dict for `logging.config.dictConfig`; it can be written as JSON too.

        Raises:
            TypeError: An option is of a wrong type.
            ValueError: The level is unknown.
        """
        number = max(_global_logger._level_number("level", level), 1)  # noqa: SLF001 - of this package
        has_access = flag("access", access)
        own = {"handlers": ["logly"], "level": number, "propagate": False}
        # Without a handler, servers do not even make the line.
        none = {"handlers": [], "level": logging.CRITICAL, "propagate": False}
        return {
            "version": 1,
            "disable_existing_loggers": False,
            # uvicorn writes its option for colours there.
            "formatters": {name: {"format": "%(message)s"} for name in ("default", "access")},
            "handlers": {"logly": {"class": f"{cls.__module__}.{cls.__qualname__}"}},
            "loggers": {cls.own_logger: own, cls.access_logger: dict(own if has_access else none)},
        }

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record, unless its exception is in an access record."""
        plain = self.sieved(record)
        if plain is not None:
            super().emit(plain)

    def sieved(self, record: logging.LogRecord) -> logging.LogRecord | None:
        """Return what is to be logged for a record; None if its exception is in an access record."""
        if isinstance(record.exc_info, tuple) and is_logged(record.exc_info[1]):
            return None
        try:
            return self._plain(record)
        except Exception:  # noqa: BLE001 - of a version of the server that logs otherwise
            return record

    def _plain(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record as logly is to have it."""
        fields = self.access_fields(record.args) if record.name == self.access_logger else None
        return record if fields is None else _access_record(record, fields)

    def access_fields(self, args: object) -> Fields | None:
        """Return `method`, `path`, `status` and what else the arguments of an access line say; None for others."""
        raise NotImplementedError


def _access_record(record: logging.LogRecord, fields: Fields) -> logging.LogRecord:
    """Return a copy that says what the access record of a middleware says."""
    made = copy(record)
    fields = {**fields, "path": printable(str(fields["path"]))}
    made.msg, made.args = f"{fields['method']} {fields['path']} {fields['status']}", ()
    status = fields["status"]
    if isinstance(status, int) and status >= ERROR_STATUS:
        made.levelno, made.levelname = logging.ERROR, "ERROR"
    made.__dict__.update(fields)
    return made


def host(address: object) -> str | None:
    """Return an address without its port, as the middlewares have it."""
    text = str(address or "")
    name, colon, port = text.rpartition(":")
    return (name if colon and port.isdigit() else text) or None


def without_query(path: object) -> str:
    """Return what stands before the question mark."""
    return str(path).partition("?")[0]
