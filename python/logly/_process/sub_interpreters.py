"""The error of an import in a sub-interpreter, where logly does not run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_REFUSAL = (
    "logly cannot be imported in a sub-interpreter: its queues and threads belong to the main interpreter. Run the "
    "code that logs in threads or processes (ThreadPoolExecutor or ProcessPoolExecutor in place of "
    "InterpreterPoolExecutor; under mod_wsgi, WSGIApplicationGroup %{GLOBAL}), or have it log with `logging` through a "
    "queue to the main interpreter"
)


def explain(error: ImportError) -> ImportError:
    """Return the error of an import of the extension, or in a sub-interpreter one that says what to do."""
    return ImportError(_REFUSAL, name="logly") if _is_here() else error


def _is_here() -> bool:
    """Tell whether this is a sub-interpreter. Extension modules of some interpreters are refused there."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters: Any = __import__(name)
        except ImportError:
            continue
        current = interpreters.get_current()
        # From 3.13 on, this is a pair of an id and an owner.
        return int(current[0] if isinstance(current, tuple) else current) != 0
    return False
