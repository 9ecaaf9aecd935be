"""Properties of arbitrary exceptions: the text is that of `traceback`, and the JSON is valid."""

from __future__ import annotations

import io
import json
import random
import re
import sys
import traceback

import pytest
from logly import logger

HAS_GROUPS = sys.version_info >= (3, 11)
CASES = 5_000
BATCHES = 50


class Broken(Exception):
    def __str__(self):
        raise ValueError("no text")


class Silent(Exception):
    def __str__(self):
        return ""


class Untrue(Exception):
    def __bool__(self):
        return False


class Text(str):
    __slots__ = ()

    def __str__(self):
        return "another text"


class Odd(Exception):
    def __str__(self):
        return Text("one text")


class Outer:
    class Inner(Exception):
        pass


class Homeless(Exception):
    __module__ = None


TEXTS = ["", "no such user", "two\nlines", "é € 😀", "{braces} %s", "tab\there", "  spaces ", "x" * 300, "\ud800"]
KINDS = [ValueError, KeyError, OSError, Broken, Silent, Untrue, Odd, Outer.Inner, KeyboardInterrupt, LookupError]
RARE = [Homeless, UnicodeError]
NAMES = {kind.__name__ for kind in KINDS + RARE} | {
    "SyntaxError", "NameError", "AttributeError", "ImportError", "ModuleNotFoundError",
}  # fmt: skip
SENTENCES = {
    "Traceback (most recent call last):",
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
}


def make(rng: random.Random) -> BaseException:
    """Return an exception that was not raised."""
    choice = rng.random()
    if choice < 0.04:
        return SyntaxError("bad", ("made.py", 3, 5, "    a b c\n"))
    if choice < 0.07:
        return syntax_error()
    if choice < 0.14:
        return misspelt(rng)
    kind = rng.choice(RARE if choice < 0.16 else KINDS)
    return kind(rng.choice(TEXTS)) if rng.random() < 0.9 else kind()


def syntax_error() -> SyntaxError:
    try:
        compile("def f(:\n  pass", "made.py", "exec")
    except SyntaxError as error:
        return error
    raise AssertionError


def misspelt(rng: random.Random) -> Exception:
    names = [
        lambda: valu_error,  # noqa: F821 - meant to be missing
        lambda: traceback.format_exce,
        lambda: __import__("logly.no_such_module"),
        lambda: exec("from traceback import format_exce"),
    ]
    try:
        rng.choice(names)()
    except Exception as error:
        return error
    raise AssertionError


def straight(error: BaseException) -> None:
    raise error


def deep(error: BaseException, depth: int) -> None:
    if depth:
        deep(error, depth - 1)
    raise error


def by_turns(error: BaseException, depth: int) -> None:
    if depth % 2:
        return by_turns(error, depth - 1)
    return by_turns(error, depth - 1) if depth else straight(error)


def over_lines(error: BaseException) -> None:
    straight(
        *[error for _ in "a"],
    )


def in_comprehension(error: BaseException) -> list[None]:
    return [straight(inner) for inner in (error,)]


def with_operator(error: BaseException) -> object:
    class Number:
        def __add__(self, other):
            raise error

    return (1, 2)[0] * 2 + 1 if error is None else Number() + 1


def generated(error: BaseException) -> None:
    program = {"error": error, "__name__": "generated"}
    exec(compile("\n\ndef run():\n    raise error\nrun()", "<made>", "exec"), program)


def in_library(error: BaseException) -> None:
    def fail(_: object) -> object:
        raise error

    json.dumps(object(), default=fail)


def by_rule(error: BaseException, rng: random.Random) -> None:
    """Raise through frames of a randomly chosen kind."""
    ways = [straight, over_lines, in_comprehension, with_operator, generated, in_library]
    choice = rng.randrange(len(ways) + 3)
    if choice < len(ways):
        ways[choice](error)
    elif choice == len(ways):
        deep(error, rng.choice([1, 2, 3, 4, 9]))
    elif choice == len(ways) + 1:
        by_turns(error, rng.randrange(6))
    else:
        by_rule(error, rng)


def raised(error: BaseException, rng: random.Random) -> BaseException:
    if rng.random() < 0.1:
        return error
    for _ in range(rng.choice([1, 1, 1, 2])):
        try:
            by_rule(error, rng)
        except BaseException as caught:  # noqa: PERF203 - each is raised again
            error = caught
    return error


def build(rng: random.Random, depth: int = 0) -> BaseException:
    """Return a random exception, with its cause, context and other parts."""
    known: list[BaseException] = []
    for _ in range(rng.choice([1, 1, 1, 1, 1, 2, 2, 3, 4, 10 if depth == 0 else 1])):
        error = group(rng, depth) if HAS_GROUPS and depth < 3 and rng.random() < 0.06 else make(rng)
        error = raised(error, rng)
        if known:
            link(error, rng.choice(known), rng)
        if HAS_GROUPS and rng.random() < 0.1:
            note(error, rng)
        known.append(error)
    if rng.random() < 0.05:
        link(known[0], known[-1], rng)
    return known[-1]


def group(rng: random.Random, depth: int) -> BaseException:
    count = rng.choice([1, 2, 3, 17])
    members = [build(rng, depth + 1) if count < 17 else make(rng) for _ in range(count)]
    if rng.random() < 0.1:
        members.append(members[0])
    return BaseExceptionGroup(rng.choice(["several", "two\nlines"]), members)  # noqa: F821 - from 3.11 on


def link(error: BaseException, other: BaseException, rng: random.Random) -> None:
    choice = rng.random()
    if choice < 0.5:
        error.__cause__ = other
    else:
        error.__context__ = other
    if choice < 0.1 or choice > 0.9:
        error.__suppress_context__ = rng.random() < 0.5


def note(error: BaseException, rng: random.Random) -> None:
    if rng.random() < 0.8:
        error.add_note(rng.choice(TEXTS))
    else:
        error.__notes__ = rng.choice([[1, "two"], ("three",), "four", 5, [Broken()]])


def printed(error: BaseException) -> str:
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return text.replace("\ud800", "\\ud800")


def log(error: BaseException) -> None:
    try:
        raise error
    except BaseException:
        logger.exception("failed")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_text_is_what_traceback_prints(batch):
    rng = random.Random(batch)
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}", multiline="raw")

    for _ in range(CASES // BATCHES):
        error = build(rng)
        stream.seek(0)
        stream.truncate()
        log(error)

        assert stream.getvalue() == f"failed\n{printed(error)}"


@pytest.mark.parametrize("options", [{}, {"diagnose": True}, {"backtrace": True}], ids=str)
@pytest.mark.parametrize("batch", range(5))
def test_lines_at_the_margin_are_pythons_own(batch, options):
    rng = random.Random(batch)
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}", **options)

    for _ in range(CASES // BATCHES):
        error = build(rng)
        stream.seek(0)
        stream.truncate()
        log(error)

        lines = stream.getvalue().split("\n")[1:]
        assert all(is_own(line) for line in lines if line[:1] not in {"", " ", "\t"}), lines


def is_own(line: str) -> bool:
    """Whether Python prints the line without an indent, or logly does, to mark the frame that caught the exception."""
    kind = re.match(r"[\w.<>]+(?=:|$)", line)
    return line in SENTENCES or line.startswith('> File "') or (kind is not None and kind[0].split(".")[-1] in NAMES)


@pytest.mark.parametrize("batch", range(10))
def test_json_is_read_back(batch):
    rng = random.Random(batch)
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, json=True)

    for _ in range(50):
        error = build(rng)
        stream.seek(0)
        stream.truncate()
        log(error)
        got = json.loads(stream.getvalue())["exception"]

        assert got["type"] == type(error).__qualname__
        assert len(got["frames"]) == len(traceback.extract_tb(error.__traceback__))
        assert ("group" in got) == hasattr(error, "exceptions")
