"""Keeps SIGPIPE from a thread while it sends. Neither `http.client` nor TLS can send without it."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_signal() -> Iterator[None]:
    """Keep the signal away, which a closed connection raises. It would end a program that does not ignore it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        yield
    finally:
        if signal.SIGPIPE not in before:
            if signal.SIGPIPE in signal.sigpending():
                _take(signal.SIGPIPE)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _take(number: signal.Signals) -> None:
    if sys.platform == "darwin":
        signal.sigwait({number})
    else:
        signal.sigtimedwait({number}, 0)
