"""Packages that free-threaded builds do not have: a test that needs one is skipped, and says which.

requirements-free-threaded.txt has all others. On other builds a missing package is a failure.
"""

from __future__ import annotations

import re
import sysconfig

IS_FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

_WITHOUT_WHEEL = (
    "IPython",
    "PyInstaller",
    "ddtrace",
    "distributed",
    "eventlet",
    "gevent",
    "google",
    "granian",
    "greenlet",
    "msgspec",
    "multidict",
    "numpy",
    "opentelemetry.instrumentation",
    "opentelemetry.proto",
    "uwsgi",
)

_MISSING = re.compile(r"(?:No module named '?|No package metadata was found for )([\w.]+)")


def absent_package(text: str) -> str | None:
    """Return the package without a wheel whose absence is reported in a text; None on other builds."""
    if not IS_FREE_THREADED:
        return None
    for found in _MISSING.findall(text):
        for package in _WITHOUT_WHEEL:
            if f"{found}.".startswith(f"{package}."):
                return package
    return None
