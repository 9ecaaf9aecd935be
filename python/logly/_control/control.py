"""`Logger.serve_control`: opens the socket by which commands look at a running program and change its levels."""

from __future__ import annotations

import os
from contextlib import suppress

from logly._control import peers, places
from logly._control.server import Server
from logly._lanes import threads
from logly._naming import guided, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from logly.logger import Logger

_LONGEST_STOP = 1.0
"""Seconds that `close` waits for the thread, which may be in the middle of an answer."""


@guided
class Control:
    """A control socket. It is also a context manager, which closes it at the end of its block.

    Attributes:
        path: The path of the socket.
    """

    def __init__(self, logger: Logger, path: str) -> None:
        self.path = path
        self._process = os.getpid()
        self._logger = logger
        listener, self._identity = places.listen(path)
        try:
            self._server: Server | None = Server(logger, listener)
        except BaseException:
            listener.close()
            places.remove(path, self._identity)
            raise

    def close(self) -> None:
        """Stop serving, restore levels that hold for some time, and remove the socket. More calls do nothing."""
        self._close(_LONGEST_STOP)

    def is_of_this_process(self) -> bool:
        """Tell whether this process made the socket, and is no child of the one that did."""
        return self._process == os.getpid()

    def _close(self, timeout: float) -> None:
        server, self._server = self._server, None
        if _current and _current[0] is self:
            _current.clear()
        if server is None or not self.is_of_this_process():
            return
        places.remove(self.path, self._identity)
        server.stop(timeout)

    def _leave_to_parent(self) -> None:
        """Close the copies of a forked child. Its levels are those of before temporary changes: none would end here."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            with suppress(Exception):
                server.levels.end_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        """Show the path, and whether it is open."""
        return f"<logly control {self.path}{'' if self._server else ', closed'}>"


_current: list[Control] = []
"""The socket of this process, if there is one."""

_lock = threads.new_lock()


def serve(logger: Logger, path: object) -> Control:
    """Return the socket of this process, which is made if there is none.

    Raises:
        OSError: The socket cannot be made.
        TypeError: The path is not a path.
        ValueError: The process serves elsewhere already, or another logger.
    """
    given = None if path is None else _checked(path)
    if not peers.are_told():
        message = "serve_control() needs Unix sockets that tell who connects, which this system does not have"
        raise OSError(message)
    with _lock:
        if _current and not _current[0].is_of_this_process():
            # C code forked this process.
            _current.pop()._leave_to_parent()
        if _current:
            return _same(_current[0], logger, given)
        if given is not None:
            places.check_folder_of(given)
        target = given or places.default_path()
        if len(os.fsencode(target)) > places.LONGEST_NAME:
            message = f"path: expected at most {places.LONGEST_NAME} bytes, as sockets have them, got {target!r}"
            raise ValueError(message)
        _current.append(Control(logger, target))
        return _current[0]


def end() -> None:
    """Close the socket at the end of the process."""
    for control in _current:
        control._close(0.1)


def _checked(path: Any) -> str:
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        message = f"path: expected a path (str or os.PathLike), got {shown(path)}"
        raise TypeError(message)
    text = os.fspath(path)
    if not text or "\0" in text:
        message = f"path: expected a path of a socket, got {shown(text)}"
        raise ValueError(message)
    return os.path.abspath(os.path.expanduser(text))


def _same(current: Control, logger: Logger, given: str | None) -> Control:
    if given not in {None, current.path}:
        message = f"path: expected {current.path!r}, where this process serves already, got {given!r}"
        raise ValueError(message)
    if not current._logger._shares_with(logger):
        message = (
            f"serve_control() serves another logger of this process already, at {current.path!r}; close that first"
        )
        raise ValueError(message)
    return current


def _leave_to_parent() -> None:
    global _lock  # noqa: PLW0603 - the one that was inherited may be locked
    _lock = threads.new_lock()
    while _current:
        _current.pop()._leave_to_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)
