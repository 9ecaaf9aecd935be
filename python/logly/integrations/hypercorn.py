"""Log configuration for hypercorn: its messages and access lines become logly records."""

from __future__ import annotations

from logly._naming import guided
from logly.integrations._servers import WEBSOCKET, ServerHandler, host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

    own_logger = "hypercorn.error"
    access_logger = "hypercorn.access"

    def access_fields(self, args: object) -> dict[str, object] | None:
        """Return fields from hypercorn's atoms. Only some belong in a log: the atoms include the environment."""
        if not isinstance(args, dict):
            return None
        return {
            "method": WEBSOCKET if str(args["S"]).startswith("ws") else args["m"],
            "path": args["U"],
            "status": _number(args["s"]),
            "duration_ms": round(int(str(args["D"])) / 1000, 3),
            "response_bytes": _number(args["B"]),
            "client": host(args["h"]),
            "http_version": args["H"],
        }


def _number(atom: object) -> int | None:
    """Return a number, or None for `-`, which hypercorn has for an unknown value."""
    return int(str(atom)) if str(atom).isdigit() else None
