"""Random choices of a generator, and the steps that programs are made of."""

from __future__ import annotations

import random
from typing import NamedTuple


class Step(NamedTuple):
    """Lines of a program that can be left out of it without touching the others."""

    text: str
    kept: frozenset[str] = frozenset()
    """The rows of the table of kept differences that these lines may show."""


class Draw:
    """A source of random choices. The same seed gives the same program on every Python."""

    def __init__(self, seed):
        """Begin a program."""
        # Strings are hashed in the same way by each version.
        self._random = random.Random(f"logly-{seed}")
        self._names = 0
        self.kept = set()

    def chance(self, probability):
        """Return True that often."""
        return self._random.random() < probability

    def pick(self, choices):
        """Return one of the choices."""
        return choices[self._random.randrange(len(choices))]

    def some(self, choices, most):
        """Return up to *most* of the choices, in random order."""
        return self._random.sample(list(choices), self._random.randint(0, min(most, len(choices))))

    def number(self, low, high):
        """Return a whole number from *low* to *high*."""
        return self._random.randint(low, high)

    def name(self, prefix):
        """Return a name that the program does not have yet."""
        self._names += 1
        return f"{prefix}{self._names}"

    def keeps(self, row):
        """Note that the current step may show a kept difference."""
        self.kept.add(row)

    def step(self, text):
        """Return a step with the differences noted since the last one."""
        step = Step(text, frozenset(self.kept))
        self.kept.clear()
        return step


def indented(text, by=1):
    """Return lines that are indented by so many steps."""
    return "\n".join("    " * by + line if line else line for line in text.split("\n"))
