"""The base of the servers' log configurations: a handler for their loggers, and the dict for `dictConfig`."""

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

    from logly.integrations._access_lines import Server
    from logly.typing import LevelName

    Fields = Mapping[str, object]


class ServerHandler(Handler):
    """Passes a server's records to logly: access lines get fields, and exceptions logged by a middleware are left out.

    The query strings of access lines are left out: they may hold secrets.
    """

    server: Server
    """The names of the loggers, and the fields of access lines."""

    @classmethod
    def config(cls, level: LevelName | int, *, access: bool) -> dict[str, Any]:
        """Return the dict for `logging.config.dictConfig`; it can be written as JSON too.

        Raises:
            TypeError: An option is of a wrong type.
            ValueError: The level is unknown.
        """
        number = max(_global_logger._level_number("level", level), 1)
        has_access = flag("access", access)
        own = {"handlers": ["logly"], "level": number, "propagate": False}
        # Without a handler, servers do not even make the line.
        none = {"handlers": [], "level": logging.CRITICAL, "propagate": False}
        return {
            "version": 1,
            "disable_existing_loggers": False,
            # uvicorn writes its option for colours into these.
            "formatters": {name: {"format": "%(message)s"} for name in ("default", "access")},
            "handlers": {"logly": {"class": f"{cls.__module__}.{cls.__qualname__}"}},
            "loggers": {cls.server.own_logger: own, cls.server.access_logger: dict(own if has_access else none)},
        }

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record, unless its exception is in an access record."""
        plain = self.sieved(record)
        if plain is not None:
            super().emit(plain)

    def sieved(self, record: logging.LogRecord) -> logging.LogRecord | None:
        """Return the record to log; None if its exception is in an access record."""
        if isinstance(record.exc_info, tuple) and is_logged(record.exc_info[1]):
            return None
        try:
            return self._plain(record)
        except Exception:  # another version of the server may log differently
            return record

    def _plain(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record in the form that logly logs."""
        is_access = record.name == self.server.access_logger
        fields = self.server.access_fields(record.args) if is_access else None
        return record if fields is None else _access_record(record, fields)


def _access_record(record: logging.LogRecord, fields: Fields) -> logging.LogRecord:
    """Return a copy with the message, level and fields of a middleware's access record."""
    made = copy(record)
    fields = {**fields, "path": printable(str(fields["path"]))}
    made.msg, made.args = f"{fields['method']} {fields['path']} {fields['status']}", ()
    status = fields["status"]
    if isinstance(status, int) and status >= ERROR_STATUS:
        made.levelno, made.levelname = logging.ERROR, "ERROR"
    made.__dict__.update(fields)
    return made
