"""The options of a sink that sends requests: arguments of `add`, then `OTEL_*` variables, then defaults.

Variables for logs alone win over those for all signals. Errors name the argument or the variable. They never show the
value of a header, which may be a secret.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from logly import _logly
from logly._export import resource
from logly._export.checks import flag, host_and_port, number, readable, seconds, unknown, wrong, wrong_type
from logly._naming import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


_ENDPOINT = "http://localhost:4318"
_PATH = "/v1/logs"
_PREFIX = "OTEL_EXPORTER_OTLP_"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BATCH = {"records": 4096, "bytes": 1_000_000, "seconds": 1.0}
_MOST_BATCH = {"records": 1_000_000, "bytes": 64_000_000, "seconds": 3600.0}
_SPOOL_LIMIT = 100_000_000
_LEAST_SPOOL = 65_536


class Url(NamedTuple):
    """The parts of an endpoint."""

    is_secure: bool
    host: str
    port: int
    path: str
    """The path with its query."""

    @property
    def shown(self) -> str:
        """The endpoint without its query, which may hold a key."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_secure else 'http'}://{host}:{self.port}{self.path.partition('?')[0]}"


class Options(NamedTuple):
    """The checked options."""

    url: Url
    headers: dict[str, str]
    is_compressed: bool
    timeout: float
    """In seconds, for one request."""
    certificate: str | None
    client_key: str | None
    client_certificate: str | None
    spool: str | None
    spool_limit: int
    """In bytes."""
    batch: tuple[int, int, float]
    """Records, bytes and seconds."""
    connects: bool
    resource: dict[str, object]


class _Source:
    """Arguments and variables: each option comes from the first place that has it, with the name of that place."""

    def __init__(self, given: Mapping[str, object], variables: Mapping[str, str]) -> None:
        self._given = given
        self._variables = variables

    def find(self, name: str) -> tuple[str, object | None, bool]:
        """Return the name of an option, its value, and whether it comes from a variable."""
        if name in self._given:
            return name, self._given[name], False
        for variable in (f"{_PREFIX}LOGS_{name.upper()}", f"{_PREFIX}{name.upper()}"):
            value = self._variables.get(variable)
            if value:
                return variable, value, True
        return name, None, False


def read(endpoint: str | None, given: Mapping[str, object]) -> Options:
    """Check arguments and variables.

    Raises:
        ValueError: A value is not allowed.
        TypeError: A value has the wrong type.
        OSError: A certificate cannot be read.
    """
    variables = os.environ if _logly._heeds_environment() else {}
    if endpoint is not None:
        if "endpoint" in given:
            raise wrong(given["endpoint"], "endpoint", "no endpoint beside that in the name of the sink")
        given = {**given, "endpoint": endpoint}
    source = _Source(given, variables)
    if "endpoint" not in given:
        _check_protocol(source)
    url = _url(source)
    _check_certificates(source, url)
    return Options(
        url=url,
        headers=_headers(source),
        is_compressed=_is_compressed(source),
        timeout=_timeout(source),
        certificate=_file(source, "certificate"),
        client_key=_file(source, "client_key"),
        client_certificate=_file(source, "client_certificate"),
        spool=_spool(given),
        spool_limit=_spool_limit(given),
        batch=_batch(given.get("batch")),
        connects=flag("connect", given.get("connect", False)),
        resource=resource.detect(variables, _attributes(given.get("resource"))),
    )


def _check_protocol(source: _Source) -> None:
    """Refuse the variables of a collector that is to be spoken to in another protocol."""
    name, value, is_variable = source.find("protocol")
    if is_variable and value != "http/protobuf":
        raise wrong(value, name, '"http/protobuf", or endpoint= as an argument')


def _url(source: _Source) -> Url:
    name, value, _ = source.find("endpoint")
    if value is None:
        value = _ENDPOINT
    if not isinstance(value, str):
        raise wrong_type(value, name, "a URL (str)")
    matched = re.fullmatch(r"(?i:(https?)://)([^/?#@]+)(/[^?#]*)?(\?[^#]*)?", value.strip())
    if matched is None or not value.isascii() or re.search(r"[\x00-\x20\x7f]", value.strip()):
        if "@" in value:
            message = (
                f"{name}: expected a URL without a user and password; headers={{'Authorization': ...}} has a place"
            )
            raise ValueError(message)
        raise wrong(_without_query(value), name, "a URL such as http://host:4318")
    scheme, place, path, query = matched.groups()
    is_secure = scheme.lower() == "https"
    found = host_and_port(place, 443 if is_secure else 80)
    if found is None:
        raise wrong(_without_query(value), name, "a host and a port from 1 to 65535")
    # The variable of logs alone is used as it is.
    is_whole = name == f"{_PREFIX}LOGS_ENDPOINT"
    if name == f"{_PREFIX}ENDPOINT":
        path = (path or "").rstrip("/") + _PATH
    elif path in {None, "/"} and not is_whole:
        path = _PATH
    return Url(is_secure, *found, (path or "/") + (query or ""))


def _without_query(url: str) -> str:
    """Return a URL for an error. Its query may hold a key."""
    start, mark, _ = url.partition("?")
    return start + mark + ("..." if mark else "")


def _headers(source: _Source) -> dict[str, str]:
    name, value, _ = source.find("headers")
    if value is None:
        return {}
    if isinstance(value, str):
        found = dict(resource.pairs(name, value))
    elif isinstance(value, dict):
        found = value
    else:
        message = f"{name}: expected a dict of text to text, got {type(value).__name__}"
        raise TypeError(message)
    for header, content in found.items():
        if not isinstance(header, str) or not isinstance(content, str):
            message = f"{name}: expected a dict of text to text; {shown(header)} or its value is no text"
            raise TypeError(message)
        if not _TOKEN.fullmatch(header):
            raise wrong(header, name, "names of HTTP headers, of letters, digits and hyphens")
        if re.search(r"[\r\n\0]", content) or not _is_latin(content):
            message = f"{name}: expected values without line breaks, in Latin-1; that of {shown(header)} is not"
            raise ValueError(message)
        if header.lower() in {"content-type", "content-length", "content-encoding", "host", "transfer-encoding"}:
            raise wrong(header, name, "headers other than those that logly sets")
    return dict(found)


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _is_compressed(source: _Source) -> bool:
    name, value, _ = source.find("compression")
    if value is not None and value not in ("gzip", "none"):
        raise wrong(value, name, '"gzip" or "none"')
    return value != "none"


def _timeout(source: _Source) -> float:
    name, value, is_variable = source.find("timeout")
    if value is None:
        return 10.0
    if not is_variable:
        return seconds(name, value)
    # Variables give milliseconds.
    try:
        return seconds(name, float(str(value)), 0.001, "milliseconds")
    except ValueError:
        raise wrong(value, name, "milliseconds (more than 0, at most an hour)") from None


def _check_certificates(source: _Source, url: Url) -> None:
    """Refuse certificates that would not be used. Variables may be for other endpoints of the program."""
    for option in ("certificate", "client_certificate", "client_key"):
        name, value, is_variable = source.find(option)
        if value is not None and not url.is_secure and not is_variable:
            raise wrong(url.shown, name, "an endpoint that is https://")
    name, key, _ = source.find("client_key")
    if key is not None and url.is_secure and source.find("client_certificate")[1] is None:
        raise wrong(key, name, "a client_certificate beside it")


def _file(source: _Source, name: str) -> str | None:
    variable, value, _ = source.find(name)
    return None if value is None else readable(variable, value)


def _spool(given: Mapping[str, object]) -> str | None:
    value = given.get("spool")
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)) or not isinstance(os.fspath(value), str):
        raise wrong_type(value, "spool", "the path of a folder")
    path = os.fspath(value)
    if not path or "\0" in path:
        raise wrong(value, "spool", "the path of a folder")
    return os.path.abspath(os.path.expanduser(path))


def _spool_limit(given: Mapping[str, object]) -> int:
    value = given.get("spool_limit")
    if value is None:
        return _SPOOL_LIMIT
    if "spool" not in given:
        raise wrong(value, "spool_limit", "a sink with spool=")
    if not isinstance(value, int) or value < _LEAST_SPOOL:
        raise wrong(value, "spool_limit", "64 KiB or more")
    return value


def _batch(value: object) -> tuple[int, int, float]:
    if value is None:
        value = {}
    if isinstance(value, int) and not isinstance(value, bool):
        value = {"records": value}
    if not isinstance(value, dict):
        raise wrong_type(value, "batch", 'a number of records, or a dict of "records", "bytes" and "seconds"')
    for name in value:
        if name not in _BATCH:
            raise unknown(str(name), "batch", _BATCH)
    chosen = {**_BATCH, **value}
    for name, most in _MOST_BATCH.items():
        found = number(f"batch[{name!r}]", chosen[name])
        least = 0 if name == "seconds" else 1
        if not least <= found <= most or (least and not isinstance(chosen[name], int)):
            whole = "a whole number from " if least else ""
            raise wrong(chosen[name], f"batch[{name!r}]", f"{whole}{least} to {most:,.0f}".replace(",", "_"))
    return int(chosen["records"]), int(chosen["bytes"]), float(chosen["seconds"])


def _attributes(value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise wrong_type(value, "resource", "a dict of text to value")
    return dict(value)
