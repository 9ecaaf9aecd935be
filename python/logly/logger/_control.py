"""The control of a running program by the commands `logly level` and `logly status`."""

from __future__ import annotations

from logly._logly import PyLogger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from logly._control.control import Control


class ControlMethods(PyLogger):
    """The method of `Logger` that lets commands control it."""

    __slots__ = ()

    def serve_control(self, path: str | PathLike[str] | None = None) -> Control:
        """Let `logly level` and `logly status` look at this program and change its levels, over a Unix socket.

        A daemon thread named `logly-control` answers processes of the same user and of root; all others are refused.
        It neither delays the end of the program nor costs logging calls anything. The socket is removed at the end, or
        by the next process if this one is killed. A process has one socket: a second call returns the same. A forked
        child does not serve, and may call this itself.

        Args:
            path: The path of the socket, in a folder that only this user can write to. The default is `PID.sock` in
                `$XDG_RUNTIME_DIR/logly`, or else in a folder `logly-UID` of the folder for temporary files.

        Returns:
            The socket, with its `path` and `close()`. As a context manager it is closed at the end of the block.

        Raises:
            OSError: The socket cannot be made, its folder is not this user's alone, another process serves at the path,
                or the system has no such sockets.
            RuntimeError: No thread can be started.
            TypeError: The path is not a path.
            ValueError: The path is too long, or this process serves at another path or for another logger.

        Example:
            >>> import os
            >>> from logly import logger
            >>> with logger.serve_control() as control:
            ...     os.path.basename(control.path) == f"{os.getpid()}.sock"
            True
        """
        import _socket  # not there on all systems

        if not hasattr(_socket, "AF_UNIX"):
            message = "serve_control() needs Unix sockets, which this system does not have"
            raise OSError(message)
        from logly._control.control import serve  # few programs are served

        return serve(self, path)  # type: ignore[arg-type]  # a Logger has these methods
