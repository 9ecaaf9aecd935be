"""Writes and compiles the program whose calls are measured.

Each call is pasted into the loops as source text, as a user would write it: a function around it would
cost more than some of the measured calls. The file is real, so that tracebacks find their source
lines. Its module is `checkout`, its functions are `pay_*`.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from benchmarks.compare.scenarios import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.adapters import Session
    from benchmarks.compare.scenarios import Scenario

STATEMENTS = 1_000
FRAMES = 7
MODULE = "checkout"

_LOOPS = """
def pay_timed(start, stop, out, clock):
{before}    for i in range(start, stop):
{timed}
        out[i - start] = after - before
{after}
def pay_plain(start, stop):
    for i in range(start, stop):
{plain}

def pay_paced(start, stop, out, clock, sleep, interval):
    due = clock()
    for i in range(start, stop):
        due += interval
        left = due - clock()
        if left > 80_000:
            sleep((left - 80_000) / 1e9)
        while clock() < due:
            sleep(0)
{timed}
        out[i - start] = after - before

def pay_last(i):
    {last}

def empty_timed(start, stop, out, clock):
    for i in range(start, stop):
        before = clock()
        after = clock()
        out[i - start] = after - before

def empty_plain(start, stop):
    for i in range(start, stop):
{empty}
"""


@dataclass(frozen=True)
class Program:
    """The compiled loops, by name, and the line numbers of their calls."""

    namespace: dict[str, Any]
    call_lines: frozenset[int]

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """Return the function called *name*."""
        function: Callable[..., Any] = self.namespace[name]
        return function


def write_program(folder: Path, scenario: Scenario, session: Session) -> Program:
    """Write, compile and run `checkout.py` in *folder*, with the session's calls pasted in."""
    source = f"{session.imports}\n" + _charges() + _loops(scenario.shape, scenario.statement, session)
    path = folder / f"{MODULE}.py"
    path.write_text(source, encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": MODULE, "__file__": str(path), **session.names}
    exec(compile(source, str(path), "exec"), namespace)  # noqa: S102 - the loops are generated, which is the point
    return Program(namespace, _lines_of(source, {session.call, session.last}))


def _loops(shape: Shape, statement: int, session: Session) -> str:
    filler = "    filler = 0\n"
    return _LOOPS.format(
        before=filler * (statement - 1) if statement else "",
        after=filler * (STATEMENTS - statement) if statement else "",
        timed=_body(shape, f"before = clock()\n{session.call}\nafter = clock()"),
        plain=_body(shape, session.call),
        empty=_body(shape, "pass"),
        last=session.last or "pass",
    )


def _body(shape: Shape, statements: str) -> str:
    if shape is Shape.EXCEPTION:
        statements = "try:\n    charge_2(i)\nexcept ValueError:\n" + textwrap.indent(statements, "    ")
    return textwrap.indent(statements, " " * 8)


def _charges() -> str:
    """Return frames 2 to 7 of the traceback; the loop is frame 1."""
    calls = [f"def charge_{n}(i):\n    return charge_{n + 1}(i)\n\n" for n in range(2, FRAMES)]
    return "".join(calls) + f'def charge_{FRAMES}(i):\n    raise ValueError("card declined")\n\n'


def _lines_of(source: str, calls: set[str]) -> frozenset[int]:
    lines = enumerate(source.splitlines(), 1)
    return frozenset(number for number, line in lines if line and line.strip() in calls)
