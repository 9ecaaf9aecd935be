"""Logging for Python with a Rust core: `from logly import logger`, and log.

This file holds names only; each lives where its documentation is.
"""

from __future__ import annotations

from logly._context import copy_context
from logly._lifecycle import install as _install
from logly._logly import __version__, lazy
from logly.logger import Logger, logger

__all__ = ["Logger", "__version__", "copy_context", "lazy", "logger"]

_install()
