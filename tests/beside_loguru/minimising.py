"""Makes a failing program as small as it can be by leaving out its steps."""

from __future__ import annotations


def minimal(steps, fails):
    """Return the steps of a smaller program that still fails: none of them, and no half of them, can be left out."""
    size = max(len(steps) // 2, 1)
    while True:
        position = 0
        while position < len(steps):
            fewer = steps[:position] + steps[position + size :]
            if fails(fewer):
                steps = fewer
            else:
                position += size
        if size == 1:
            return steps
        size //= 2
