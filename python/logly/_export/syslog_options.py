"""The options of sinks that send records to syslog or to the journal."""

from __future__ import annotations

import os
import re
import sys
from typing import NamedTuple

from logly._export import addresses
from logly._export.checks import flag, readable, seconds, unknown, wrong, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from logly._export.addresses import Address

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", *(f"local{number}" for number in range(8)),
)  # fmt: skip
"""The names of facilities, in the order of their numbers."""

_USER = FACILITIES.index("user")
_FORMATS = ("rfc5424", "rfc3164")
_LIMIT = 8192
_LEAST_LIMIT = 1024
_MOST_LIMITS = {"udp": 65_507, "unix": 131_072}
_MOST_LIMIT = 1_048_576
_MOST_NAME = 48
_MOST_HOST = 255


class Options(NamedTuple):
    """The checked options."""

    address: Address
    facility: int | None
    """None for the journal, if none was given."""
    app_name: str
    syslog_format: str
    message_limit: int
    """In bytes."""
    timeout: float
    """In seconds: for a connection, and for a receiver that does not read."""
    connects: bool
    certificate: str | None
    client_certificate: str | None
    client_key: str | None


def read(name: str, given: Mapping[str, object]) -> Options:
    """Check the address and the options.

    Raises:
        ValueError: A value is not allowed.
        TypeError: A value has the wrong type.
        OSError: A certificate cannot be read.
    """
    address = addresses.read(name)
    is_journal = address.kind == "journal"
    syslog_format = _format(given.get("syslog_format"), address)
    for option in ("certificate", "client_certificate", "client_key"):
        if option in given and address.kind != "tls":
            raise wrong(name, option, "a sink that is syslog+tls://")
    if "client_key" in given and "client_certificate" not in given:
        raise wrong(given["client_key"], "client_key", "a client_certificate beside it")
    return Options(
        address=address,
        facility=_facility(given.get("facility"), None if is_journal else _USER),
        app_name=_app_name(given.get("app_name"), is_old=syslog_format == "rfc3164"),
        syslog_format=syslog_format,
        message_limit=_message_limit(given.get("message_limit"), address.kind),
        timeout=seconds("timeout", given.get("timeout", 10.0)),
        connects=flag("connect", given.get("connect", False)),
        certificate=_file(given, "certificate"),
        client_certificate=_file(given, "client_certificate"),
        client_key=_file(given, "client_key"),
    )


def host_name() -> str:
    """Return the name of this machine, in printable ASCII; `-` if it has none."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return _printable(name)[:_MOST_HOST] or "-"


def _format(value: object, address: Address) -> str:
    if value is None:
        return "rfc3164" if address.is_local else "rfc5424"
    if not isinstance(value, str):
        raise wrong_type(value, "syslog_format", '"rfc5424" or "rfc3164"')
    if value not in _FORMATS:
        raise unknown(value, "syslog_format", _FORMATS)
    return value


def _facility(value: object, default: int | None) -> int | None:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise wrong_type(value, "facility", "a name or a number from 0 to 23")
    if isinstance(value, int):
        if not 0 <= value < len(FACILITIES):
            raise wrong(value, "facility", "a name or a number from 0 to 23")
        return value
    if value.lower() not in FACILITIES:
        raise unknown(value, "facility", FACILITIES)
    return FACILITIES.index(value.lower())


def _app_name(value: object, *, is_old: bool) -> str:
    if value is None:
        return _program(is_old=is_old)
    if not isinstance(value, str):
        raise wrong_type(value, "app_name", "a name (str)")
    if not re.fullmatch(r"[!-~]+", value) or len(value) > _MOST_NAME:
        raise wrong(value, "app_name", f"1 to {_MOST_NAME} printable characters of ASCII without spaces")
    if is_old and re.search(r"[:\[\]]", value):
        raise wrong(value, "app_name", "a name without : and brackets, which end it in RFC 3164")
    return value


def _program(*, is_old: bool) -> str:
    """Return the name of the running program."""
    path = sys.argv[0] if getattr(sys, "argv", None) else ""
    base = os.path.basename(path)
    if base == "__main__.py":
        base = os.path.basename(os.path.dirname(path))
    name = _printable(base.removesuffix(".py"))
    if is_old:
        name = re.sub(r"[:\[\]]", "_", name)
    return name[:_MOST_NAME] if name.strip("-") not in {"", "c", "m"} else "python"


def _printable(text: str) -> str:
    return re.sub(r"[^!-~]", "_", text)


def _message_limit(value: object, kind: str) -> int:
    if value is None:
        return _LIMIT
    most = _MOST_LIMITS.get(kind, _MOST_LIMIT)
    if not isinstance(value, int) or not _LEAST_LIMIT <= value <= most:
        raise wrong(value, "message_limit", f"1024 to {most} bytes for this address")
    return value


def _file(given: Mapping[str, object], name: str) -> str | None:
    return readable(name, given[name]) if name in given else None
