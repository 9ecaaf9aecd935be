"""Restores records that a `QueueHandler` prepared for its queue: traceback and stack are in their message.

They are taken out of the message again. Text counts as a traceback if the message ends with it, in the form that Python
writes.
"""

from __future__ import annotations

import re
from copy import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

_TRACEBACK = re.compile(
    r"""\n(?P<text>
        Traceback[ ]\(most[ ]recent[ ]call[ ]last\):\n
        (?:[ ].*\n)+
        [\w.<>]+(?::.*|\n|$)
    |
        [ ][ ][+][ ]Exception[ ]Group[ ]Traceback[ ]\(most[ ]recent[ ]call[ ]last\):\n
        (?:[ ].*(?:\n|$))+
    )""",
    re.VERBOSE,
)

_STACK = re.compile(r"\n(?P<text>Stack \(most recent call last\):(?:\n .*)+)\Z")


def restored(record: logging.LogRecord) -> logging.LogRecord:
    """Return a record with traceback and stack in their attributes; the record itself if it was not prepared."""
    given = record.__dict__
    if given.get("args") is not None or given.get("exc_info") or given.get("exc_text"):
        return record
    message, stack = given.get("msg"), given.get("stack_info")
    if type(message) is not str or given.get("message") != message or "(most recent call last):\n" not in message:
        return record
    message, stack = _without_stack(message, stack if isinstance(stack, str) else "")
    traceback = _TRACEBACK.search(message)
    made = copy(record)
    made.msg = message if traceback is None else message[: traceback.start()]
    made.exc_text = None if traceback is None else traceback["text"] + message[traceback.end() :]
    made.stack_info = stack or None
    return made


def _without_stack(message: str, stack: str) -> tuple[str, str]:
    """Return the message without the stack, and the stack. Up to 3.11, Python leaves it in the record too."""
    if stack and message.endswith(f"\n{stack}"):
        return message[: -len(stack) - 1], stack
    found = None if stack else _STACK.search(message)
    return (message, stack) if found is None else (message[: found.start()], found["text"])
