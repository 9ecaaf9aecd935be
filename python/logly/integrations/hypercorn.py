"""Log configuration for hypercorn: its messages and access lines become records of logly."""

from __future__ import annotations

from logly.integrations._servers import WEBSOCKET, ServerHandler, host, made_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any

    from logly.typing import LevelName


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
    return made_config(HypercornHandler, ["hypercorn.error"], "hypercorn.access", level=level, access=access)


class HypercornHandler(ServerHandler):
    """The handler that `log_config` names."""

    def access_fields(self, record: logging.LogRecord) -> dict[str, object] | None:
        """Return fields from hypercorn's atoms, of which only some are for a log: the environment is among them."""
        if record.name != "hypercorn.access" or not isinstance(record.args, dict):
            return None
        atoms = record.args
        return {
            "method": WEBSOCKET if str(atoms["S"]).startswith("ws") else atoms["m"],
            "path": atoms["U"],
            "status": _number(atoms["s"]),
            "duration_ms": round(int(str(atoms["D"])) / 1000, 3),
            "response_bytes": _number(atoms["B"]),
            "client": host(atoms["h"]),
            "http_version": atoms["H"],
        }


def _number(atom: object) -> int | None:
    """Return a number; hypercorn has `-` for what is not known."""
    return int(str(atom)) if str(atom).isdigit() else None
