"""The answer of a collector to a request, and the time that it asks to wait."""

from __future__ import annotations

from typing import NamedTuple

RETRYABLE = frozenset({429, 502, 503, 504})
"""The statuses after which the protocol has a request sent again."""

_LONGEST_WAIT = 300.0
"""The most seconds that a collector may ask for. Records that wait fill the queue, and a proxy may say anything."""


class Answer(NamedTuple):
    """The outcome of a request."""

    status: int
    """The status of HTTP; 0 if there was no answer."""
    problem: str
    """The reason of a failure, for a report."""
    rejected: int = 0
    """The records that the collector refused although it took the request."""
    wait: float | None = None
    """The seconds after which the collector wants the request again."""

    @property
    def is_success(self) -> bool:
        """Whether the collector took the request."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the statuses of success

    @property
    def is_retryable(self) -> bool:
        """Whether the request is to be sent again later."""
        return self.status == 0 or self.status in RETRYABLE


def retry_after(text: str | None) -> float | None:
    """Return the seconds that `Retry-After` says, as a number or as a date; None if it says nothing."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    from email.utils import parsedate_to_datetime

    try:
        due = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    from datetime import datetime, timezone

    if due.tzinfo is None:
        due = due.replace(tzinfo=timezone.utc)
    return min(max((due - datetime.now(timezone.utc)).total_seconds(), 0.0), _LONGEST_WAIT)


def partial_success(body: bytes) -> tuple[int, str]:
    """Return the rejected records and the message of an `ExportLogsServiceResponse`; nothing of any other body."""
    try:
        inner = _fields(body).get(1)
        fields = _fields(inner) if isinstance(inner, bytes) else {}
    except (IndexError, ValueError):
        return 0, ""
    rejected, message = fields.get(1, 0), fields.get(2, b"")
    text = message.decode("utf-8", "replace") if isinstance(message, bytes) else ""
    return (rejected if isinstance(rejected, int) and rejected < 1 << 63 else 0), text


def _fields(message: bytes) -> dict[int, int | bytes]:
    """Return the last value of each field: a number or bytes."""
    found: dict[int, int | bytes] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        wire = tag & 7
        if wire == 0:
            found[tag >> 3], at = _varint(message, at)
            continue
        if wire == 2:  # noqa: PLR2004 - the wire type of bytes
            length, at = _varint(message, at)
        elif wire in {1, 5}:
            length = 8 if wire == 1 else 4
        else:
            message_ = "no message of protobuf"
            raise ValueError(message_)
        if at + length > len(message):
            raise IndexError
        if wire == 2:  # noqa: PLR2004
            found[tag >> 3] = message[at : at + length]
        at += length
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
            return number, at
    message_ = "no number of protobuf"
    raise ValueError(message_)
