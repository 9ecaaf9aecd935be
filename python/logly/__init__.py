"""Logging for Python with a Rust core.

Example:
    >>> from logly import logger
    >>> logger.configure(show_time=False)
    >>> logger.info("paid {amount} EUR", amount=12, user="ada")
    INFO | paid 12 EUR user=ada
    >>> logger.reset()

`help(logger)` lists the methods of the logger. The functions of this package set up logging for a whole program:
`production`, `intercept_logging`, `load`, `install_hooks`, `capture_warnings`, `metrics_text`, `lazy`, `template`,
`from_var` and `copy_context`; `parse` and `read_records` read logs back. `logly.testing` is for tests, `logly.typing`
is for type checkers, and the modules of `logly.integrations` are for web frameworks, servers, task queues and traces.
"""
# This file only exports names; each is defined in the module that documents it.

from __future__ import annotations

from os import environ as _environ

try:
    from logly._logly import __version__, _heeds_environment, lazy
except ImportError as _error:
    from logly._process.sub_interpreters import explain as _explain

    raise _explain(_error) from None
from logly._calls.context import copy_context, from_var
from logly._process.forks import install as _watch_forks
from logly._process.lifecycle import expect_state as _expect_state, install as _install
from logly.logger import Logger, logger

__all__ = [
    "Logger",
    "LoglyHandler",
    "__version__",
    "capture_warnings",
    "copy_context",
    "from_var",
    "install_hooks",
    "intercept_logging",
    "lazy",
    "load",
    "logger",
    "metrics_text",
    "parse",
    "production",
    "read_records",
    "template",
]

_watch_forks()
_install()

_VARIABLES = ("LOGLY_AUTOINIT", "LOGLY_CONFIG", "LOGLY_FILE", "LOGLY_FORMAT", "LOGLY_JSON", "LOGLY_LEVEL")
if any(name in _environ for name in _VARIABLES) and _heeds_environment():
    from logly._config.environment import apply as _apply

    _apply(logger)

_expect_state(logger)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly import testing as testing
    from logly._calls.template import template as template
    from logly._capture.hooks import install_hooks as install_hooks
    from logly._capture.warnings import capture_warnings as capture_warnings
    from logly._config.load import load as load
    from logly._files.parse import parse as parse
    from logly._files.read_records import read_records as read_records
    from logly._metrics import metrics_text as metrics_text
    from logly._production import production as production
    from logly.integrations._interception import intercept_logging as intercept_logging
    from logly.integrations.logging import Handler as LoglyHandler
else:
    _LATER = {
        "LoglyHandler": ("logly.integrations.logging", "Handler"),
        "capture_warnings": ("logly._capture.warnings", "capture_warnings"),
        "install_hooks": ("logly._capture.hooks", "install_hooks"),
        "intercept_logging": ("logly.integrations._interception", "intercept_logging"),
        "load": ("logly._config.load", "load"),
        "metrics_text": ("logly._metrics", "metrics_text"),
        "parse": ("logly._files.parse", "parse"),
        "production": ("logly._production", "production"),
        "read_records": ("logly._files.read_records", "read_records"),
        "template": ("logly._calls.template", "template"),
        "testing": ("logly.testing", None),
    }

    def __getattr__(name: str) -> object:
        """Import a name that few programs need at its first use."""
        if name not in _LATER:
            raise _unknown(name)
        from importlib import import_module  # see above

        module, attribute = _LATER[name]
        found = import_module(module)
        if attribute is not None:
            found = globals()[name] = getattr(found, attribute)
        return found

    def _imported_by_name() -> None:
        # Never called: tools that freeze programs find the import here.
        import logly._by_name  # noqa: F401 - see there

    def _unknown(name: str) -> Exception:
        """Return the error for a name that does not exist, with a suggestion."""
        if name.startswith("__"):
            return AttributeError(f"module 'logly' has no attribute {name!r}")
        import sys  # for errors alone

        from logly._naming import hint, is_imported_by

        methods = [method for method in dir(Logger) if not method.startswith("_")]
        meant = hint(name, __all__, methods)
        asking = sys._getframe(2)
        # `from logly import name` would replace an AttributeError by one with its own message.
        if meant and is_imported_by(asking.f_code.co_code, asking.f_lasti):
            return ImportError(f"cannot import name {name!r} from 'logly'{meant}", name="logly", path=__file__)
        return AttributeError(f"module 'logly' has no attribute {name!r}{meant}")

    def __dir__() -> list[str]:
        """List the names that are imported at first use too, so that shells complete them."""
        return sorted({*globals(), *_LATER})
