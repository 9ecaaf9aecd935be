"""Logging for gunicorn and the requests it answered, by `logger_class = "logly.integrations.gunicorn.Logger"`.

These gunicorn settings apply: `loglevel`, `errorlog`, `accesslog`, `access_log_format`, `capture_output`, `syslog` and
`logconfig`. SIGUSR1 reopens the files of the logger, in the master and in each worker.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import Any, ClassVar

from gunicorn import glogging  # type: ignore[import-untyped, unused-ignore]

import logly.integrations.uvicorn  # noqa: F401 - its worker gives uvicorn's loggers the handlers of gunicorn's
from logly.integrations._requests import ERROR_STATUS, HEADER, is_logged, printable
from logly.integrations.logging import Handler
from logly.logger import Logger as _Logger, logger as _global_logger

_SINKS = "-"
"""The name of a standard stream in gunicorn's settings. Here it means the logger's sinks."""


class Logger(glogging.Logger):  # type: ignore[misc, unused-ignore] # gunicorn is untyped
    """The `logger_class` for gunicorn.

    Records come from the loggers `gunicorn.error` and `gunicorn.access`, and filters can use these names. The record of
    a request has the fields `method`, `path`, `status`, `duration_ms`, `response_bytes`, `client`, and `request_id` if
    the response has the header `X-Request-ID`. Its level is ERROR for a status of 500 and above, else INFO.

    - `errorlog="-"`, the default, means all sinks of the logger; a path means a file for these records alone.
    - `accesslog` works the same way for requests. By default it is None, and requests are not logged.
    - `loglevel` is the lowest level of gunicorn's own records; sinks also apply their own levels.
    - `access_log_format`, if it is set, makes the message of a request; the fields stay.

    Workers have the sinks that the master had when they were forked, with writers of their own.
    """

    logger: ClassVar[_Logger] = _global_logger
    """The logger whose sinks get the records. A subclass may name another one."""

    _files: dict[str, _Logger]

    def setup(self, cfg: Any) -> None:
        """Apply the settings. gunicorn calls this again after it has reread them."""
        self._kept = self.__dict__.get("_files", {})
        self._files = {}
        super().setup(cfg)
        del self._kept
        to_syslog = cfg.syslog and not cfg.disable_redirect_access_to_syslog
        self._has_access_log = bool(
            cfg.accesslog or cfg.logconfig or cfg.logconfig_dict or cfg.logconfig_json or to_syslog
        )

    def critical(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log at CRITICAL, with the caller's place in gunicorn's code."""
        self.error_log.critical(msg, *args, **{"stacklevel": 2, **kwargs})

    def error(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log at ERROR."""
        self.error_log.error(msg, *args, **{"stacklevel": 2, **kwargs})

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log at WARNING."""
        self.error_log.warning(msg, *args, **{"stacklevel": 2, **kwargs})

    def info(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log at INFO."""
        self.error_log.info(msg, *args, **{"stacklevel": 2, **kwargs})

    def debug(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log at DEBUG."""
        self.error_log.debug(msg, *args, **{"stacklevel": 2, **kwargs})

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Log at ERROR with the active exception, unless a logly middleware has logged it."""
        if not is_logged(sys.exc_info()[1]):
            self.error_log.error(msg, *args, **{"stacklevel": 2, "exc_info": True, **kwargs})

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Log a request that was answered, or that could not be read."""
        if not self._has_access_log:
            return
        try:
            self._log_request(resp, req, environ, request_time)
        except Exception:  # a failure to log must not end a request
            self.exception("cannot log a request")

    def reopen_files(self) -> None:
        """Reopen the files of the logger and of the handlers of `logging`, as SIGUSR1 requests."""
        super().reopen_files()
        for logger in (self.logger, *self._files.values()):
            logger.reopen()

    def _log_request(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        fields = _fields(resp, environ, request_time)
        form, args = "%s", "{method} {path} {status}".format_map(fields)
        if self.cfg.access_log_format != self.cfg.settings["access_log_format"].default:
            form = self.cfg.access_log_format
            args = self.atoms_wrapper_class(self.atoms(resp, req, environ, request_time))
        level = logging.ERROR if fields["status"] >= ERROR_STATUS else logging.INFO
        self.access_log.log(level, form, args, extra=fields, stacklevel=3)

    def _set_handler(
        self,
        log: logging.Logger,
        output: str | None,
        fmt: object,  # noqa: ARG002 - logly's sinks have formats of their own
        stream: object = None,  # noqa: ARG002 - as above
    ) -> None:
        """Send the records of one of the two loggers to logly; gunicorn's `setup` calls this for each output."""
        for handler in [found for found in log.handlers if getattr(found, "_gunicorn", False)]:
            log.removeHandler(handler)
        if output is not None:
            handler = Handler(logger=self.logger if output == _SINKS else self._file(output))
            # gunicorn recognizes the handlers that it may remove by this attribute.
            handler._gunicorn = True  # type: ignore[attr-defined]
            log.addHandler(handler)

    def _file(self, path: str) -> _Logger:
        """Return the logger that writes to a file. After a reload, the same file has the same logger."""
        if path not in self._files:
            self._files[path] = self._kept.get(path) or self._opened(path)
        return self._files[path]

    def _opened(self, path: str) -> _Logger:
        logger = _Logger()
        logger.add(path, level="DEBUG")
        # Workers that run as another user reopen it.
        with suppress(OSError):
            os.chown(path, self.cfg.user, self.cfg.group)
        return logger


def _fields(resp: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
    """Return the fields of a request. Unknown values are left out, and so is the query."""
    headers = resp.headers
    named = {name.lower(): value for name, value in (headers.items() if hasattr(headers, "items") else headers)}
    fields = {
        "method": environ.get("REQUEST_METHOD") or "-",
        "path": printable(str(environ.get("RAW_URI") or "-").partition("?")[0]),
        "status": int(str(resp.status).split(None, 1)[0]),
        "duration_ms": round(request_time.seconds * 1000 + request_time.microseconds / 1000, 3),
        "response_bytes": getattr(resp, "sent", None),
        "client": environ.get("REMOTE_ADDR") or None,
        "request_id": named.get(HEADER.lower()),
    }
    return {name: value for name, value in fields.items() if value is not None}
