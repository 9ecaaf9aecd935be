"""Loguru's logger on logly's core: `from logly.loguru import logger` in place of `from loguru import logger`.

The logger behaves as that of Loguru 0.7.3: the same sink on standard error, formats, records, errors and methods. It is
a logger of its own and shares no sinks with `logly.logger`.

Example:
    >>> from logly.loguru import logger
    >>> logger.remove()
    >>> number = logger.add(lambda line: print(line, end=""), format="{level} {message}")
    >>> logger.info("Hello {}", "world")
    INFO Hello world
    >>> logger.remove()

Some things are different on purpose: files are written in the background, secrets in tracebacks are masked, attributes
are not read for them, control characters in messages are escaped, and the content of a call never raises.

Not there yet: rotation of files in encodings such as UTF-16. Functions and objects with `enqueue=True` write the
records of processes that were passed the logger, except for forked processes, which have a copy of them.
"""

from __future__ import annotations

import atexit as _atexit
import sys

from logly.loguru._defaults import AUTOINIT, changed_levels, unread
from logly.loguru._logger import Logger as _Logger
from logly.loguru._states import publish as _publish

__all__ = ["logger"]

__version__ = "0.7.3"

logger: _Logger = _Logger()
_publish(logger)

for _name, _parts in changed_levels().items():
    logger.level(_name, color=_parts.get("color"), icon=_parts.get("icon"))

for _name in unread() if sys.stderr else ():
    sys.stderr.write(f"logly: {_name} is not read: the numbers of levels are fixed; give another level to `add`\n")

if AUTOINIT and sys.stderr:
    logger.add(sys.stderr)

_atexit.register(logger.remove)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.loguru._logger import Logger as Logger
