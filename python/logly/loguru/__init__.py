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

Not there yet: names of archives to the microsecond, files compressed when their sink is removed, `errors`, `newline`,
`opener` and other encodings for files, `deepcopy` and pickles of loggers, `reinstall`, and the numbers of standard
levels from the environment.
"""

from __future__ import annotations

import sys

from logly.loguru._defaults import AUTOINIT, changed_levels
from logly.loguru._logger import Logger as _Logger

__all__ = ["logger"]

__version__ = "0.7.3"

logger: _Logger = _Logger()

for _name, _parts in changed_levels().items():
    logger.level(_name, color=_parts.get("color"), icon=_parts.get("icon"))

if AUTOINIT and sys.stderr:
    logger.add(sys.stderr)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.loguru._logger import Logger as Logger
