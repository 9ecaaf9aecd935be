"""Random exceptions, logged while they are handled or caught by `catch`."""

from __future__ import annotations

from tests.beside_loguru.generating import messages
from tests.beside_loguru.generating.drawing import indented

SHOWN = "tracebacks"
"""The kept difference of steps whose traceback may have values."""

COLOURED = "colours"
"""The kept difference of steps whose traceback may have coloured notes."""

_RAISING = (
    "1 / 0",
    "{}['missing']",
    "[][3]",
    "int('x')",
    "raise Wrong('it broke', 7)",
    "raise ValueError",
    "raise RuntimeError('ünï')",
    "None.nothing",
    "deep(3)",
    "chained()",
    "during()",
    "hidden()",
    "assert 1 == 2, 'not equal'",
    "noted()",
    "grouped()",
)

_CATCHING = (
    "",
    "ZeroDivisionError",
    "(ValueError, KeyError)",
    "Exception, level='WARNING'",
    "message='went wrong'",
    "level=33",
    "onerror=lambda error: print('onerror', repr(error))",
    "exclude=ZeroDivisionError",
    "reraise=True",
    "message='{record[function]} failed', level='INFO'",
    "default=-1",
)


def _raising(draw):
    raising = draw.pick(_RAISING)
    draw.keeps(SHOWN)
    if raising == "noted()":
        draw.keeps(COLOURED)
    return raising


def logged(draw):
    """Return code that handles an exception by logging it."""
    raising = _raising(draw)
    call = draw.pick(
        (
            f"logger.exception({messages.message(draw)})",
            f"logger.opt(exception=True).warning({messages.message(draw)})",
            f"logger.opt(exception=error).info({messages.message(draw)})",
            f"logger.bind(user='e').exception({messages.message(draw)})",
        )
    )
    return f"try:\n    {raising}\nexcept Exception as error:\n{indented(call)}"


def caught(draw):
    """Return code whose exception `catch` logs."""
    raising = _raising(draw)
    options = draw.pick(_CATCHING)
    if "level=33" in options:
        draw.keeps("unnamed")
    name = draw.name("failing")
    kind = draw.number(0, 4)
    if kind == 0:
        block = f"with logger.catch({options}):\n    {raising}"
    elif kind == 1 and not options:
        block = f"@logger.catch\ndef {name}(a, b=2):\n    {raising}\n\nprint({name}(1))"
    elif kind == 2:
        block = f"@logger.catch({options})\nasync def {name}():\n    {raising}\n\nprint(run_now({name}()))"
    elif kind == 3:
        block = f"@logger.catch({options})\ndef {name}():\n    yield 1\n    {raising}\n\nprint(list({name}()))"
    else:
        block = f"@logger.catch({options})\ndef {name}(a, b=2):\n    {raising}\n\nprint({name}(1))"
    # The program prints exceptions that pass `catch`.
    return f"try:\n{indented(block)}\nexcept Exception as error:\n    print('passed', repr(error))"
