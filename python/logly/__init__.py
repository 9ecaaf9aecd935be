"""Logging for Python with a Rust core: `from logly import logger`, and log.

This file holds names only; each lives where its documentation is.
"""

from __future__ import annotations

from logly._context import copy_context
from logly._forks import install as _watch_forks
from logly._lifecycle import install as _install
from logly._logly import __version__, lazy
from logly.logger import Logger, logger

__all__ = ["Logger", "__version__", "copy_context", "lazy", "logger", "parse"]

_watch_forks()
_install()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly import testing as testing
    from logly._parse import parse
else:

    def __getattr__(name: str) -> object:
        """Import `logly.testing` and `logly.parse` when they are first asked for; most programs do not need them."""
        if name == "testing":
            from importlib import import_module  # noqa: PLC0415 - see above

            return import_module("logly.testing")
        if name == "parse":
            from logly._parse import parse  # noqa: PLC0415 - see above

            return parse
        message = f"module 'logly' has no attribute {name!r}"
        raise AttributeError(message)
