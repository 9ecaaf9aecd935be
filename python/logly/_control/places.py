"""The folders of control sockets, and the safe making and removing of such a socket.

A default folder belongs to one user and has the mode 0700. No link is followed to it. Only the folder's owner can put
something in the place of a socket.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager, suppress
from time import monotonic, sleep

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SUFFIX = ".sock"

LONGEST_NAME = 107 if sys.platform == "linux" else 103
"""Bytes of a path that a socket can have."""

_BACKLOG = 16
_PRIVATE = 0o700
_LONGEST_LOCK = 1.0
"""Seconds to wait for other processes that make a socket in the same folder."""

Identity = tuple[int, int]
"""Device and inode of a socket."""


def default_path() -> str:
    """Return the path for this process, in a folder that is made if it is missing.

    Raises:
        OSError: The folder cannot be made, or is not this user's alone.
    """
    return os.path.join(_own_folder(), f"{os.getpid()}{SUFFIX}")


def check_folder_of(path: str) -> None:
    """Check that only this user can put something in the place of a given path.

    Raises:
        OSError: Others can, or there is no such folder.
    """
    folder = os.path.dirname(path)
    found = os.stat(folder)
    if found.st_uid not in {0, os.geteuid()} or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, "path: expected a socket in a folder that only this user can write to", path)


def candidates(user: int, environment: dict[str, str]) -> list[str]:
    """Return the folders in which sockets of a user may be, by the environment of the process that is looked for."""
    import tempfile

    runtime = environment.get("XDG_RUNTIME_DIR")
    above = [runtime] if runtime and os.path.isabs(runtime) else []
    above = [os.path.join(folder, "logly") for folder in (*above, f"/run/user/{user}")]
    temporary = [environment.get("TMPDIR"), tempfile.gettempdir(), "/tmp"]  # noqa: S108 - only read, and checked
    below = [os.path.join(folder, f"logly-{user}") for folder in temporary if folder]
    return [folder for folder in dict.fromkeys([*above, *below]) if is_private(folder, user)]


def is_private(folder: str, user: int) -> bool:
    """Tell whether a path is a folder, not a link, of this user alone."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077


def listen(path: str) -> tuple[Any, Identity]:
    """Make a listening socket with the mode 0600. One that a dead process left at the path is removed.

    Raises:
        OSError: Another process listens there, or something else has this name.
    """
    import _socket

    with _alone(os.path.dirname(path)):
        _remove_stale(path)
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            _bind(listener, path)
            # Before it listens, the system refuses all connections.
            os.chmod(path, 0o600)
            found = os.lstat(path)
            listener.listen(_BACKLOG)
            listener.settimeout(0)
        except BaseException:
            listener.close()
            raise
    return listener, (found.st_dev, found.st_ino)


def remove(path: str, identity: Identity) -> None:
    """Remove a socket unless another one has its path by now."""
    with suppress(OSError):
        found = os.lstat(path)
        if (found.st_dev, found.st_ino) == identity:
            os.unlink(path)


def is_dead(path: str) -> bool:
    """Tell whether a path is a socket of this user that no process listens to."""
    import _socket

    found = os.lstat(path)
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
        return False
    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        socket.settimeout(0)
        socket.connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:
        # The queue of a process that listens may be full.
        return False
    finally:
        socket.close()
    return False


def _own_folder() -> str:
    user = os.geteuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR", "") if _logly._heeds_environment() else ""
    if os.path.isabs(runtime) and is_private(runtime, user):
        return _made(os.path.join(runtime, "logly"), user)
    import tempfile

    above = tempfile.gettempdir() if _logly._heeds_environment() else "/tmp"  # noqa: S108 - checked below
    mode = os.stat(above).st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        message = "others can replace folders of this user here; give path="
        raise PermissionError(errno.EPERM, message, above)
    return _made(os.path.join(above, f"logly-{user}"), user)


def _made(folder: str, user: int) -> str:
    with suppress(FileExistsError):
        os.mkdir(folder, _PRIVATE)
    if not is_private(folder, user):
        raise PermissionError(errno.EPERM, "expected a folder of this user with the mode 0700; give path=", folder)
    return folder


def _remove_stale(path: str) -> None:
    with suppress(FileNotFoundError):
        if is_dead(path):
            os.unlink(path)


def _bind(listener: Any, path: str) -> None:
    try:
        listener.bind(path)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise OSError(error.errno, error.strerror, path) from None
        message = "another process serves here, or something else has this name"
        raise OSError(errno.EADDRINUSE, message, path) from None


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Keep other processes from making a socket in the folder: two could remove a dead one, and then each other's."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until = monotonic() + _LONGEST_LOCK
        while not _locks(descriptor) and monotonic() < until:
            sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _locks(descriptor: int) -> bool:
    import fcntl  # not there on all systems

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
