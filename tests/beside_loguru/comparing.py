"""Compares what random programs leave on Loguru and on `logly.loguru`, and reports differences in a small form.

By hand: `python -m tests.beside_loguru.comparing FIRST LAST` compares the programs with these numbers.
"""

from __future__ import annotations

import difflib
import sys
from typing import NamedTuple

from tests.beside_loguru.generating.program import source, steps
from tests.beside_loguru.minimising import minimal
from tests.beside_loguru.running import LIBRARIES, Runner


class Difference(NamedTuple):
    """A program whose outcomes differ: its number, the steps that are needed for it, and both outcomes."""

    seed: int
    steps: list
    outcomes: list

    def __str__(self):
        """Return a report with the program and both outcomes."""
        theirs, ours = (str(outcome).splitlines() for outcome in self.outcomes)
        lines = difflib.unified_diff(theirs, ours, *LIBRARIES, lineterm="", n=3)
        program = "\n\n".join(step.text for step in self.steps)
        return "\n".join([f"program {self.seed} differs:", program, "", *lines])


def difference(runner, seed):
    """Return the difference that the program with this number shows, made small; None if there is none.

    If steps may show differences that are kept, the program is compared without them as well, and that counts.
    """
    found = steps(seed)
    if not _differs(runner, found):
        return None
    found = [step for step in found if not step.kept]
    if not _differs(runner, found):
        return None
    least = minimal(found, lambda fewer: _differs(runner, fewer))
    return Difference(seed, least, runner.run(source(least)))


def _differs(runner, found):
    theirs, ours = runner.run(source(found))
    return theirs != ours


def main(first, last):
    """Print the differences of a range of programs."""
    with Runner(LOGURU_DIAGNOSE="no") as runner:
        found = [difference(runner, seed) for seed in range(first, last)]
    reports = [str(one) for one in found if one is not None]
    sys.stdout.write("\n\n".join([*reports, f"{len(reports)} of {last - first} programs differ\n"]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
