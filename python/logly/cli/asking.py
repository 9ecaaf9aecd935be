"""Asking a running program: finding its socket by the number of the process, and one request with its answer."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from time import monotonic

from logly._control import peers, places
from logly._control.answers import MOST_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LONGEST = 5.0
"""Seconds to wait for an answer."""

HOW = "have it call logger.serve_control()"


class AskingError(Exception):
    """A program cannot be asked; the text says why."""


def find(target: str) -> str:
    """Return the path of a socket, given by the number of its process or itself.

    Raises:
        AskingError: There is no such process or socket.
    """
    if not target.isdecimal():
        if os.path.exists(target):
            return target
        message = f"expected the number of a process or the path of its socket, got {target!r}"
        raise AskingError(message)
    number = int(target)
    users = _users_of(number)
    for folder in _folders(users, _environment_of(number)):
        path = os.path.join(folder, f"{number}{places.SUFFIX}")
        if os.path.exists(path):
            return path
    message = f"process {number}{_name_of(number)} does not serve: {HOW}"
    raise AskingError(message)


def all_here() -> Iterator[str]:
    """Yield the sockets of this user's processes. Those of dead processes are removed."""
    for folder in _folders({os.geteuid()}, {}):
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            with suppress(OSError):
                if name.endswith(places.SUFFIX) and places.is_dead(path):
                    os.unlink(path)
                elif name.endswith(places.SUFFIX):
                    yield path


def ask(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send a request and return the answer.

    Raises:
        AskingError: There is no answer, or it is an error.
    """
    until = monotonic() + LONGEST
    if not hasattr(socket, "AF_UNIX"):
        message = "this system has no Unix sockets, which programs are asked by"
        raise AskingError(message)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.settimeout(LONGEST)
            connection.connect(path)
            _check(connection, path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = _line(connection, until)
        except socket.timeout:
            message = f"{path} does not answer within {LONGEST:.0f} s"
            raise AskingError(message) from None
        except OSError as error:
            raise AskingError(_why(path, error)) from None
    return _read(path, line)


def _line(connection: socket.socket, until: float) -> bytes:
    parts: list[bytes] = []
    length = 0
    while length <= MOST_BYTES:
        connection.settimeout(max(0.001, until - monotonic()))
        part = connection.recv(1 << 16)
        parts.append(part)
        length += len(part)
        if not part or part.endswith(b"\n"):
            break
    return b"".join(parts)


def _read(path: str, line: bytes) -> dict[str, Any]:
    if not line:
        message = f"{path} refused the connection: it answers its own user and root"
        raise AskingError(message)
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        message = f"{path} gave an answer that is none of logly's"
        raise AskingError(message)
    if "error" in found:
        raise AskingError(str(found["error"]))
    return found


def _check(connection: socket.socket, path: str) -> None:
    """Refuse to ask a program of another user, who may have put a socket at this path."""
    user = peers.user_of(connection)
    if os.geteuid() != 0 and user not in {None, 0, os.geteuid()}:
        message = f"{path} belongs to another user"
        raise AskingError(message)


def _why(path: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"{path} belongs to another user: ask as that user or as root"
    if isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
        return f"no process serves at {path}: {HOW}"
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return f"{path} closed the connection"
    return f"{path}: {error.strerror or error}"


def _users_of(number: int) -> set[int]:
    """Return the users whose folders may have the socket of a process.

    Raises:
        AskingError: There is no such process, or it belongs to another user.
    """
    users = {os.geteuid()}
    with suppress(OSError):
        users.add(os.stat(f"/proc/{number}").st_uid)
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        message = f"no process has the number {number}"
        raise AskingError(message) from None
    except PermissionError:
        message = f"process {number}{_name_of(number)} belongs to another user: ask as that user or as root"
        raise AskingError(message) from None
    return users


def _folders(users: set[int], environment: dict[str, str]) -> list[str]:
    given = [(user, variables) for user in sorted(users) for variables in (environment, dict(os.environ))]
    return list(dict.fromkeys(folder for one in given for folder in places.candidates(*one)))


def _environment_of(number: int) -> dict[str, str]:
    try:
        with open(f"/proc/{number}/environ", "rb") as file:
            parts = file.read().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(part).partition("=") for part in parts if part)
    return {name: value for name, _, value in pairs}


def _name_of(number: int) -> str:
    try:
        with open(f"/proc/{number}/comm", "rb") as file:
            return f" ({os.fsdecode(file.read()).strip()})"
    except OSError:
        return ""
