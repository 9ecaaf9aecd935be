"""Takes out of an outcome what differs from run to run: times, elapsed times, ids, addresses and paths."""

from __future__ import annotations

import re

STAMP = "<stamp>"
"""The text that takes the place of the time in names of files."""

_STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_\d{6}")
_RULES = (
    (_STAMP, STAMP),
    # As the default format writes them, as ISO 8601, and as `repr` has them. Times that programs set are of 2024.
    (re.compile(r"(?!2024-02-29)\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{3,6})?(?:[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d:\d\d:\d\d\.\d{6}\b"), "<elapsed>"),
    (re.compile(r'"timestamp": 1[78]\d{8}\.\d+'), '"timestamp": <time>'),
    (re.compile(r"timedelta\((?:seconds=\d+)?(?:, )?(?:microseconds=\d+)?\)"), "<elapsed>"),
    (re.compile(r'"elapsed": \{[^}]*\}'), '"elapsed": <elapsed>'),
    # Threads that a program started.
    (re.compile(r"\b1[34]\d{13}\b"), "<thread>"),
    (re.compile(r"\b0x[0-9a-f]{6,16}\b"), "<address>"),
    (re.compile(r'"[^"\n]*/(tests/beside_loguru/child\.py|lib/python[\d.]+/\w+/[\w/]+\.py)"'), r'"<python>/\1"'),
)


def normal(text, folder, ids):
    """Return a text without what differs from run to run; *ids* are those of the process and of its main thread."""
    text = text.replace(str(folder), "<folder>")
    for name, number in zip(("<process>", "<thread>"), ids):
        text = re.sub(rf"(?<!\d){number}(?!\d)", name, text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def normal_name(name):
    """Return the name of a file without the time in it."""
    return _STAMP.sub(STAMP, name)
