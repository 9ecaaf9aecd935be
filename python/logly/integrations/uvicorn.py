"""Log configuration for uvicorn: its messages and access lines become logly records."""

from __future__ import annotations

from copy import copy

from logly._naming import guided
from logly.integrations._access_lines import SERVERS, host, without_query
from logly.integrations._servers import ServerHandler
from logly.integrations.logging import LAST_WORDS, SIEVES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any

    from logly.integrations._access_lines import Server
    from logly.typing import LevelName


@guided
def log_config(level: LevelName | int = "INFO", *, access: bool = True) -> dict[str, Any]:
    """Return the dict for `uvicorn.run(log_config=)`. Written to a file as JSON, it is for `--log-config`.

    The server does not log an exception again if `LoglyMiddleware` has logged it.

    Args:
        level: The lowest level at which the server's own messages are logged.
        access: Whether each request gets a record. Pass False if `LoglyMiddleware` writes it.

    Returns:
        A new dict for `logging.config.dictConfig`.

    Raises:
        TypeError: `access` is not a bool.
        ValueError: The level is unknown.

    Example:
        >>> from logly.integrations.uvicorn import log_config
        >>> sorted(log_config(access=False)["loggers"])
        ['uvicorn', 'uvicorn.access']
    """
    return UvicornHandler.config(level, access=access)


class UvicornHandler(ServerHandler):
    """The handler that `log_config` names."""

    server: Server = SERVERS["uvicorn"]

    def _plain(self, record: logging.LogRecord) -> logging.LogRecord:
        """Remove the field for uvicorn's own formatter and the query strings of websockets."""
        made = copy(super()._plain(record))
        made.__dict__.pop("color_message", None)
        if isinstance(made.args, tuple) and isinstance(made.msg, str) and '"WebSocket %s"' in made.msg:
            address, path, *rest = made.args
            made.args = (address, without_query(path), *rest)
            made.__dict__.update(client=host(address), path=without_query(path))
        elif isinstance(made.msg, str):
            made.msg = made.msg.rstrip("\n")
        return made


# Under gunicorn, and with `intercept_logging`, other logly handlers get uvicorn's records.
SIEVES["uvicorn"] = UvicornHandler().sieved

# uvicorn then raises again the SIGTERM that stopped it. The default action ends the process without running Python's
# exit functions.
LAST_WORDS["uvicorn.error"] = "Finished server process [%d]"
