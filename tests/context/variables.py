"""The context variables of these tests, and a value that functions take apart."""

from __future__ import annotations

import contextvars

REQUEST = contextvars.ContextVar("request")
USER = contextvars.ContextVar("user", default=None)


class User:
    """An object of the program."""

    def __init__(self, name):
        self.name = name


def seen(records) -> list[dict]:
    """Return the fields of each record."""
    return [record["extra"] for record in records]
