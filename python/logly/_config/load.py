"""`logly.load`: configures a logger from a file."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from logly._config import document
from logly._logly import _heeds_environment, _level_table
from logly._naming import guided, shown
from logly.logger import _given_sinks
from logly.logger._given import flag, logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from logly.logger import Logger


@guided
def load(
    path: str | PathLike[str] | None = None,
    *,
    logger: Logger | None = None,
    trust: bool = False,
    watch: bool = False,
) -> list[int]:
    r"""Configure a logger from a TOML or JSON file.

    The file has the arguments of `configure`, and tables `[[sinks]]` with the arguments of `add`, the sink itself under
    `sink`. In `pyproject.toml` they are below `[tool.logly]`. Sinks in the file replace all existing sinks. Text may
    have variables of the environment: `${NAME}`, `${NAME:-default}`; `$${` stands for `${`. Paths are relative to the
    current folder.

    Everything is checked first; nothing changes if there is a mistake.

    A file that is found in the current folder, without being named, may come from a stranger and is not trusted.
    Variables, `mode="w"`, `archive`, `diagnose` and permissions beyond 0o664 are mistakes in it; so are log files that
    are outside its folder, hidden, or without a log's suffix.

    Args:
        path: The file, of at most 1 MiB. Without it the one that `LOGLY_CONFIG` names, or else `logly.toml`,
            `logly.json` or `pyproject.toml` in the current folder.
        logger: An independent logger; the global one by default.
        trust: Whether a file that is found may have everything that a named file may have.
        watch: Whether changes of the file are applied while the program runs. A daemon thread named `logly-watch` looks
            once a second. A content with mistakes is told on standard error, and the configuration stays. Sinks that
            are the same in the file stay open, and those that the program added itself are left alone. Forked children
            watch too. The next call for the same logger without `watch`, and `reset()`, end it.

    Returns:
        The ids of the sinks, in the order of the file.

    Raises:
        OSError: The file, or a sink's, cannot be opened; the error names it.
        RuntimeError: No thread can be started to watch.
        TypeError: *trust* or *watch* is not a bool.
        ValueError: The file has mistakes; the error lists each in a line that begins with file, line and key.

    Example:
        >>> import pathlib, tempfile, logly
        >>> file = pathlib.Path(tempfile.mkdtemp(), "logly.toml")
        >>> file.write_text('show_time = false\n[[sinks]]\nsink = "console"\nlevel = "WARNING"\n') > 0
        True
        >>> sinks = logly.load(file)
        >>> logly.logger.warning("loaded")
        WARNING | loaded
    """
    is_trusted, is_watched, target = flag("trust", trust), flag("watch", watch), logger_of(logger)
    if path is not None and not isinstance(path, (str, os.PathLike)):
        message = f"path: expected a path (str or os.PathLike), got {shown(path)}"
        raise TypeError(message)
    named = path or (os.environ.get("LOGLY_CONFIG") if _heeds_environment() else None)
    found = document.read(os.path.expanduser(os.fspath(named))) if named else _found(trust=is_trusted)
    found.check(target)
    is_trusted = is_trusted or bool(named)
    if not is_trusted:
        from logly._config.found import note_dangers  # few programs have such a file

        note_dangers(found)
    if found.mistakes:
        raise ValueError("\n".join(found.mistakes))
    general, modules, _ = _level_table(target)
    ids = _applied(target, found)
    if is_watched:
        from logly._config import reloading, watch as watching  # few programs have a file watched

        applied = reloading.Applied(target, found, ids, (general, modules), is_trusted=is_trusted)
        watching.start(watching.Watch(target, found, applied))
    else:
        _stop_watching(target)
    return ids


def _applied(logger: Logger, found: document.Document) -> list[int]:
    if found.sinks is None:
        logger.configure(**found.settings)
        return []
    return _given_sinks.replace(logger, found.settings, found.sinks)


def _stop_watching(logger: Logger) -> None:
    watching = sys.modules.get("logly._config.watch")
    if watching is not None:
        watching.stop(logger)


def _found(*, trust: bool) -> document.Document:
    """Read the file of the current folder.

    Raises:
        FileNotFoundError: There is no such file.
    """
    for name in filter(os.path.lexists, document.NAMES):
        with suppress(FileNotFoundError, document.NoTableError):
            return document.read(name, fills_in=trust)
    message = f"path: none is given, and the current folder has none of {', '.join(document.NAMES)}"
    raise FileNotFoundError(message)
