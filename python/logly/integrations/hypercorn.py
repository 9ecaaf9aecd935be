"""Log configuration for hypercorn: its messages and access lines become logly records."""

from __future__ import annotations

from logly._naming import guided
from logly.integrations._access_lines import SERVERS
from logly.integrations._servers import ServerHandler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.integrations._access_lines import Server
    from logly.typing import LevelName


@guided
def log_config(level: LevelName | int = "INFO", *, access: bool = True) -> dict[str, Any]:
    """Return the dict for hypercorn's `Config.logconfig_dict`. In a JSON file, it is for `--log-config json:FILE`.

    Hypercorn makes access lines only if `accesslog` (`--access-logfile`) is set, for example to `"-"`. They go to logly
    and nowhere else. The server does not log an exception again if `LoglyMiddleware` has logged it.

    Args:
        level: The lowest level at which the server's own messages are logged.
        access: Whether each request gets a record. Pass False if `LoglyMiddleware` writes it.

    Returns:
        A new dict for `logging.config.dictConfig`.

    Raises:
        TypeError: `access` is not a bool.
        ValueError: The level is unknown.

    Example:
        >>> from logly.integrations.hypercorn import log_config
        >>> sorted(log_config()["loggers"])
        ['hypercorn.access', 'hypercorn.error']
    """
    return HypercornHandler.config(level, access=access)


class HypercornHandler(ServerHandler):
    """The handler that `log_config` names."""

    server: Server = SERVERS["hypercorn"]
