"""Log configuration for granian: its messages and access lines become logly records."""

from __future__ import annotations

import sys
from copy import copy

from logly._naming import guided
from logly.integrations._access_lines import SERVERS
from logly.integrations._servers import ServerHandler

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any

    from logly.integrations._access_lines import Server
    from logly.typing import LevelName

_RAISED = "Application callable raised an exception"
_MIDDLEWARES = ("logly.integrations.asgi", "logly.integrations.wsgi")


@guided
def log_config(level: LevelName | int = "INFO", *, access: bool = True) -> dict[str, Any]:
    """Return the dict for `Granian(log_dictconfig=)`. Written to a file as JSON, it is for `--log-config`.

    Granian makes access lines only with `log_access=True` (`--access-log`), and it replaces *level* with its own
    `log_level`. The server does not log an exception again if `LoglyMiddleware` has logged it.

    Args:
        level: The lowest level at which access lines are logged.
        access: Whether each request gets a record. Pass False if `LoglyMiddleware` writes it.

    Returns:
        A new dict for `logging.config.dictConfig`.

    Raises:
        TypeError: `access` is not a bool.
        ValueError: The level is unknown.

    Example:
        >>> from logly.integrations.granian import log_config
        >>> sorted(log_config()["loggers"])
        ['_granian', 'granian.access']
    """
    return GranianHandler.config(level, access=access)


class GranianHandler(ServerHandler):
    """The handler that `log_config` names."""

    server: Server = SERVERS["granian"]

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record, unless a middleware logged its exception. A traceback in a message becomes the exception."""
        try:
            message = record.getMessage()
        except Exception:  # the arguments do not fit; the handler reports it
            message = ""
        if message.startswith(_RAISED):
            _, _, traceback = message.partition("\n")
            if _went_through_middleware(traceback):
                return
            record = copy(record)
            record.msg, record.args, record.exc_text = _RAISED, (), traceback
        super().emit(record)


def _went_through_middleware(traceback: str) -> bool:
    """Tell whether a logly middleware is among the frames. granian gives an exception only as text."""
    files = (getattr(sys.modules.get(name), "__file__", None) for name in _MIDDLEWARES)
    return any(f'File "{file}"' in traceback for file in files if file)
