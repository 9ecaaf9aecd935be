"""Requests in a spool, as texts."""

from __future__ import annotations

from logly._export.segment import Request


def request(text):
    return Request(text.encode(), len(text), is_compressed=False)


def drained(spool):
    """Return the texts of all requests, as they are sent."""
    found = []
    while (first := spool.first()) is not None:
        found.append(first.body.decode())
        spool.finish_first()
    return found
