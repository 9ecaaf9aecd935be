"""`load(watch=True)`: applies the changes of a configuration file while the program runs.

One thread looks at all watched files once a second, by `stat`. A look follows links, so it notices a file that was
written, one that was renamed to the path, and a link that leads elsewhere by now. Nothing here raises: mistakes are
told on standard error, and the configuration stays as it is.
"""

from __future__ import annotations

import os
from contextlib import suppress

from logly import _logly
from logly._config.printable import printable
from logly._config.reading import text_of
from logly._lanes import threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._config.document import Document
    from logly._config.reloading import Applied
    from logly.logger import Logger

INTERVAL = 1.0
"""Seconds between two looks."""

STABLE = 0.2
"""Seconds for which a changed file must stay as it is before it is read: it may be half written."""

_MOST_TOLD = 10
"""Mistakes of one content that are told."""

_LONGEST_END = 0.5
"""Seconds that the end of the process waits for a reload."""


class Watch:
    """One file, and the logger that it configures.

    Args:
        found: The content that was applied.
        applied: The settings and sinks that it gave the logger.
    """

    def __init__(self, logger: Logger, found: Document, applied: Applied) -> None:
        self.logger = logger
        self.path = os.path.abspath(found.path)
        self.reloads = 0
        self.mistake: str | None = None
        """The first mistake of the present content, if it has any."""
        self._applied = applied
        self._text: str | None = found.text
        """The content that was applied or refused."""
        self._seen: object = None
        """The file of the last look, once it was read."""
        self._changed: object = None
        """A file that has to stay as it is for a moment."""

    def look(self) -> bool:
        """Read the file if it has changed. Return whether it has to be looked at again soon."""
        now = _signature(self.path)
        if now is None or now == self._seen:
            # A file that is gone may be back in a moment, and its configuration stays.
            self._changed = None
            return False
        if now != self._changed:
            self._changed = now
            return True
        self._changed = None
        self._read(now)
        return self._seen is None

    def _read(self, now: object) -> None:
        try:
            text = text_of(self.path)
        except FileNotFoundError:
            self._seen = None
            return
        except (OSError, ValueError) as error:
            self._seen, self._text = now, None
            self._refuse([printable(str(error))])
            return
        # If it was changed meanwhile, the text may be half of it.
        self._seen = now if _signature(self.path) == now else None
        if self._seen is not None and text != self._text:
            self._text = text
            self._take(text)

    def _take(self, text: str) -> None:
        try:
            mistakes = self._applied.apply(text)
        except ValueError as error:
            mistakes = [printable(line) for line in str(error).splitlines()]
        except Exception as error:
            mistakes = [printable(f"{self.path}: {error}")]
        if mistakes:
            self._refuse(mistakes)
        else:
            self.mistake = None
            self.reloads += 1

    def _refuse(self, mistakes: list[str]) -> None:
        self.mistake = mistakes[0]
        for mistake in mistakes[:_MOST_TOLD]:
            _logly._tell(f"{mistake}; the earlier configuration stays")
        if len(mistakes) > _MOST_TOLD:
            _logly._tell(f"{self.path}: {len(mistakes) - _MOST_TOLD} more mistakes; logly check shows all")


class _Watcher:
    """The thread of this process, and the files that it looks at."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self._over = threads.Event()
        self._thread: threads.Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it runs.

        Raises:
            RuntimeError: No thread can be started.
        """
        if self._thread is None:
            thread = threads.Thread(self._run, "logly-watch")
            thread.start()
            self._thread = thread

    def end(self) -> None:
        """End the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._over.set()
            if not thread.is_current():
                thread.join(_LONGEST_END)

    def _run(self) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            looked = [_looked(watch) for watch in list(self.watches)]
            pause = STABLE if any(looked) else INTERVAL


def _looked(watch: Watch) -> bool:
    try:
        return watch.look()
    except Exception as error:
        _logly._tell_failure(error, "watching a configuration file")
        return False


def _signature(path: str) -> tuple[int, int, int, int] | None:
    """Return a value that differs for another file or another content; None if there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


_watcher = _Watcher()
_lock = threads.new_lock()


def start(watch: Watch) -> None:
    """Begin to look at a file. Its logger has one such file: the last one.

    Raises:
        RuntimeError: No thread can be started.
    """
    with _lock:
        _forget(watch.logger)
        _watcher.watches.append(watch)
        _watcher.start()


def stop(logger: Logger) -> None:
    """Look no longer at the file of a logger, if it has one. The thread ends with the last file."""
    global _watcher  # noqa: PLW0603 - a thread that has ended is not started again
    with _lock:
        _forget(logger)
        if not _watcher.watches:
            _watcher.end()
            _watcher = _Watcher()


def end() -> None:
    """Look at no file any more: the process ends."""
    _watcher.watches.clear()
    _watcher.end()


def described(logger: Logger) -> dict[str, Any]:
    """Return the file of a logger, for the status of a program; nothing if it has none."""
    for watch in list(_watcher.watches):
        if watch.logger._shares_with(logger):
            return {"config": {"path": watch.path, "reloads": watch.reloads, "mistake": watch.mistake}}
    return {}


def _forget(logger: Logger) -> None:
    _watcher.watches[:] = [watch for watch in _watcher.watches if not watch.logger._shares_with(logger)]


def _go_on_in_child() -> None:
    """Watch in a forked child too: the workers of a server have one configuration, and keep it."""
    global _lock, _watcher  # noqa: PLW0603 - the thread and the locks are the parent's
    _lock = threads.new_lock()
    watches = _watcher.watches
    _watcher = _Watcher()
    if watches:
        _watcher.watches = list(watches)
        # A child that is forked at the end of its parent can start no thread.
        with suppress(RuntimeError):
            _watcher.start()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_go_on_in_child)
