"""Log configuration for hypercorn: its messages and access lines become records of logly."""

from __future__ import annotations

from logly._naming import guided
from logly.integrations._servers import WEBSOCKET, ServerHandler, host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.typing import LevelName


@guided
def log_config(level: LevelName | int = "INFO", *, access: bool = True) -> dict[str, Any]:
    """Return what hypercorn's `Config.logconfig_dict` takes; as a file of JSON, what `--log-config json:FILE` takes.

    Hypercorn makes access lines only where `accesslog` (`--access-logfile`) is given, `"-"` for one; they come to logly
    and nowhere else. Exceptions that `LoglyMiddleware` has logged are not logged again by the server.

    Args:
        level: The lowest level of the server's own messages that is logged.
        access: Whether there is a record for each request. Say False where `LoglyMiddleware` writes it.

    Returns:
        A new dict for `logging.config.dictConfig`.

    Raises:
        TypeError: `access` is no bool.
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
        """Return fields from hypercorn's atoms, of which only some are for a log: the environment is among them."""
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
    """Return a number; hypercorn has `-` for what is not known."""
    return int(str(atom)) if str(atom).isdigit() else None
