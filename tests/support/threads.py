"""Threads that a test starts together and waits for."""

from __future__ import annotations

import threading


def together(*functions, limit=60):
    """Call each function in a thread of its own, and wait until all have returned; *limit* is in seconds."""
    threads = [threading.Thread(target=function, daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(limit)
    assert not any(thread.is_alive() for thread in threads), f"a thread still ran after {limit} s"
