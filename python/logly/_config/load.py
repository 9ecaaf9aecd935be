"""`logly.load`: configures a logger as a file says."""

from __future__ import annotations

import os

from logly._config import document, sinks
from logly.logger import logger as _global_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from logly.logger import Logger


def load(path: str | PathLike[str] | None = None, *, logger: Logger | None = None) -> list[int]:
    r"""Configure a logger as a TOML or JSON file says.

    The file has what `configure` takes, and tables `[[sinks]]` with what `add` takes, the sink itself under `sink`; in
    `pyproject.toml` below `[tool.logly]`. Where sinks are said, they replace all that were there. Text may have
    variables of the environment: `${NAME}`, `${NAME:-default}`; `$${` stands for `${`. Paths are from the current
    folder.

    Everything is checked first; nothing changes when something is wrong.

    Args:
        path: The file. Without it the one that `LOGLY_CONFIG` names, or else `logly.toml`, `logly.json` or
            `pyproject.toml` in the current folder.
        logger: An independent logger; the global one by default.

    Returns:
        The ids of the sinks, in the order of the file.

    Raises:
        OSError: The file, or a sink's, cannot be opened; the error names it.
        ValueError: What is wrong with it, each mistake in a line of its own that begins with file, line and key.

    Example:
        >>> import pathlib, tempfile, logly
        >>> file = pathlib.Path(tempfile.mkdtemp(), "logly.toml")
        >>> file.write_text('show_time = false\n[[sinks]]\nsink = "console"\nlevel = "WARNING"\n') > 0
        True
        >>> sinks = logly.load(file)
        >>> logly.logger.warning("loaded")
        WARNING | loaded
    """
    target = _global_logger if logger is None else logger
    found = document.read(_path_of(path))
    found.check(target)
    if found.mistakes:
        raise ValueError("\n".join(found.mistakes))
    if found.sinks is None:
        target.configure(**found.settings)
        return []
    return sinks.replace(target, found.settings, found.sinks)


def _path_of(path: str | PathLike[str] | None) -> str:
    """Return the path that is meant.

    Raises:
        FileNotFoundError: None is given, and there is none.
    """
    path = path or os.environ.get("LOGLY_CONFIG")
    if path:
        return os.path.expanduser(os.fspath(path))  # noqa: PTH111 - pathlib is an import
    found = next((name for name in document.NAMES if _is_for_us(name)), None)
    if found is None:
        message = f"path: none is given, and the current folder has none of {', '.join(document.NAMES)}"
        raise FileNotFoundError(message)
    return found


def _is_for_us(name: str) -> bool:
    if name != "pyproject.toml":
        return os.path.exists(name)  # noqa: PTH110 - as above
    try:
        document.read(name)
    except (FileNotFoundError, document.NoTableError):
        return False
    return True
