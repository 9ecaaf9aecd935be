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

Not there yet: colours of the source in tracebacks; rotation of files in encodings other than UTF-8, ASCII and Latin-1;
intervals of rotation counted from the creation of a file, since they end at round times; numbers of standard levels
from the environment; calls switched off by `disable(None)`. Sinks of a logger that was passed to another process are
made anew there, so a function given with `enqueue=True` is not called for its records.
"""

from __future__ import annotations

import atexit as _atexit
import sys

from logly.loguru._defaults import AUTOINIT, changed_levels
from logly.loguru._logger import Logger as _Logger
from logly.loguru._states import publish as _publish

__all__ = ["logger"]

__version__ = "0.7.3"

logger: _Logger = _Logger()
_publish(logger)

for _name, _parts in changed_levels().items():
    logger.level(_name, color=_parts.get("color"), icon=_parts.get("icon"))

if AUTOINIT and sys.stderr:
    logger.add(sys.stderr)

_atexit.register(logger.remove)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.loguru._logger import Logger as Logger
