"""The resource of requests: the service, process and machine that the records come from."""

from __future__ import annotations

import os
import re
import sys

from logly._logly import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def detect(variables: Mapping[str, str], given: Mapping[str, object]) -> dict[str, object]:
    """Return the attributes of the resource: given ones win over the environment, and both over detected ones.

    The number of the process is not among them: a forked child has its own.
    """
    return {**_detected(), **_from_environment(variables), **given}


def _detected() -> dict[str, object]:
    return {
        "service.name": f"unknown_service:{os.path.basename(sys.executable) or 'python'}",
        "host.name": os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", ""),
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "logly",
        "telemetry.sdk.version": __version__,
    }


def _from_environment(variables: Mapping[str, str]) -> dict[str, object]:
    text = variables.get("OTEL_RESOURCE_ATTRIBUTES", "")
    found: dict[str, object] = dict(pairs("OTEL_RESOURCE_ATTRIBUTES", text))
    name = variables.get("OTEL_SERVICE_NAME")
    if name:
        found["service.name"] = name
    return found


def pairs(variable: str, text: str) -> list[tuple[str, str]]:
    """Return the pairs of a text such as `a=1,b=2`, whose values may have percent signs with two digits.

    Raises:
        ValueError: A part is no pair. The message does not show it, because it may be a secret.
    """
    found = []
    for number, part in enumerate(text.split(","), 1):
        if not part.strip():
            continue
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            message = f"{variable}: expected pairs such as key=value,key=value; pair {number} has no key or no value"
            raise ValueError(message)
        found.append((_decoded(key.strip()), _decoded(value.strip())))
    return found


def _decoded(text: str) -> str:
    """Return a text with each percent sign and its two digits replaced by their byte."""
    decoded = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return decoded.decode("utf-8", "replace")
