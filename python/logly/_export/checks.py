"""Checks of the options of all exports, with errors that name the option."""

from __future__ import annotations

import math
import os
import re

from logly._naming import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_TIMEOUT = 3600.0
_MOST_HOST = 253
_MOST_LABEL = 63


def wrong(got: object, name: str, expected: str) -> ValueError:
    """Return the error for a value that is not allowed."""
    return ValueError(f"{name}: expected {expected}, got {shown(got)}")


def wrong_type(got: object, name: str, expected: str) -> TypeError:
    """Return the error for a value of a wrong type."""
    return TypeError(f"{name}: expected {expected}, got {shown(got)}")


def unknown(got: str, name: str, known: Iterable[str]) -> ValueError:
    """Return the error for a name that is none of the known ones, with the nearest of them."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(got.lower(), names, 1)
    listed = ", ".join(f'"{one}"' for one in names)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    return ValueError(f"{name}: expected one of {listed}, got {shown(got)}{hint}")


def number(name: str, value: object) -> float:
    """Return a number as a float; one that is too large is infinite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(value, name, "a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def seconds(name: str, value: object, factor: float = 1.0, unit: str = "seconds") -> float:
    """Return a timeout in seconds."""
    found = number(name, value) * factor
    if not 0 < found <= _LONGEST_TIMEOUT:
        raise wrong(value, name, f"{unit} (more than 0, at most an hour)")
    return found


def flag(name: str, value: object) -> bool:
    """Return a flag."""
    if not isinstance(value, bool):
        raise wrong_type(value, name, "True or False")
    return value


def readable(name: str, value: object) -> str:
    """Return the path of a file, which can be read.

    Raises:
        OSError: It cannot; the error names the option and the path.
    """
    if not isinstance(value, (str, os.PathLike)):
        raise wrong_type(value, name, "the path of a file")
    path = os.fspath(value)
    try:
        with open(path, "rb"):
            return path
    except OSError as error:
        raise type(error)(error.errno, f"{name}: {error.strerror}", path) from None


def host_and_port(place: str, default: int) -> tuple[str, int] | None:
    """Return the host and the port of an address; None if either is not valid."""
    matched = re.fullmatch(r"(\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[A-Za-z0-9._-]*)(?::([0-9]{1,5}))?", place, re.ASCII)
    if matched is None or not _is_host(matched[1]):
        return None
    port = default if matched[2] is None else int(matched[2])
    return (matched[1].strip("[]"), port) if 0 < port < 65_536 else None  # noqa: PLR2004 - the ports of UDP and TCP


def _is_host(host: str) -> bool:
    if host.startswith("["):
        from ipaddress import IPv6Address

        try:
            IPv6Address(host.strip("[]").partition("%")[0])
        except ValueError:
            return False
        return True
    labels = host.removesuffix(".").split(".")
    return len(host) <= _MOST_HOST and all(0 < len(label) <= _MOST_LABEL for label in labels)
