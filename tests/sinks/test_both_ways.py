"""A Python sink gets the same lines, reports and counts from the thread that logs as it gets in the background."""

from __future__ import annotations

import contextlib
import io
import logging

import logly
import pytest
from logly import logger
from logly.testing import freeze, reset

LIMIT = 30
"""Seconds after which a hanging call fails its test."""

DAY = "2025-01-15T10:30:45Z"

SURROGATE = "a\ud800b"


class Stream:
    """An object with `write()` that keeps its lines, and calls `write` and `flush` of the test first."""

    def __init__(self, case):
        self._case = case

    def write(self, line):
        """Keep a line."""
        self._case.take(line)
        return self._case.answer

    def __getattr__(self, name):
        """Return the attributes that a test gives to the stream."""
        try:
            return self._case.attributes[name]
        except KeyError:
            raise AttributeError(name) from None


class Handler(logging.Handler):
    """A handler that keeps its messages."""

    def __init__(self, case):
        super().__init__()
        self._case = case

    def emit(self, record):
        """Keep a message."""
        self._case.take(record.getMessage())


class Case:
    """One sink of one kind, and everything that can be seen of it."""

    def __init__(self, kind, *, is_async):
        self.kind, self.is_async = kind, is_async
        self.seen, self.attributes, self.answer = [], {}, None
        self.on_write = lambda _line: None
        self.sink = -1

    def take(self, line):
        """Keep a line, with its class and the fields that it carries."""
        self.on_write(line)
        record = getattr(line, "record", None)
        self.seen.append((str(line), type(line).__name__, record and dict(record["extra"])))

    def add(self, target=None, **options):
        """Add the sink, by default one that keeps its lines."""
        if target is None:
            made = {"stream": Stream, "handler": Handler, "function": lambda case: case.take}
            target = "console" if self.kind == "console" else made[self.kind](self)
        self.sink = logger.add(target, async_write=self.is_async, **{"format": "{message}", **options})

    def log(self, *texts, **fields):
        """Log some records, each after the one before was written."""
        for text in texts or ("hello",):
            logger.info(text, **fields)
            assert logger.complete(LIMIT)


def broken(*_):
    """Raise, as the program's code may."""
    raise ValueError("refused")


def failing_on(text, error):
    """Return a function that raises for lines with some text."""

    def fail(line):
        if text in line:
            raise error

    return fail


def plain(case):
    """Log two records with a field."""
    case.add()
    case.log("one", "two", user="ada")


def own_layout(case):
    """Log without a format of the sink."""
    logger.configure(show_time=False)
    case.add(format=None)
    case.log("hello", user="ada")


def json(case):
    """Write JSON."""
    case.add(json=True, format=None)
    case.log(SURROGATE)


def raw(case):
    """Log without a format."""
    case.add(format=lambda _record: "not used")
    logger.opt(raw=True).info("raw")


def exception(case):
    """Log an exception."""
    case.add()
    try:
        broken()
    except ValueError:
        logger.exception("failed")


def surrogate_in_the_message(case):
    """Log a lone surrogate."""
    case.add(format="{message}{fields}")
    case.log(SURROGATE, field=SURROGATE)


def filter_raises(case):
    """Have a filter that raises each time."""
    case.add(filter=broken)
    case.log("one", "two")


def filter_refuses(case):
    """Have a filter that refuses a record."""
    case.add(filter=lambda record: record["message"] != "one")
    case.log("one", "two")


def filter_changes_the_record(case):
    """Have a filter that changes a field and the message."""

    def change(record):
        record["extra"]["user"] = "changed"
        record["message"] += "!"
        return True

    case.add(filter=change, format="{message} {user}")
    case.log("one", user="ada")


def format_raises(case):
    """Have a format function that raises each time."""
    logger.configure(show_time=False)
    case.add(format=broken)
    case.log("one", "two")


def format_returns_a_pattern(case):
    """Have a format function that returns a pattern."""
    case.add(format=lambda _record: "{level} {message}")
    case.log("one", "two")


def format_returns_a_surrogate(case):
    """Have a format function that returns a lone surrogate."""
    case.add(format=lambda _record: SURROGATE)
    case.log()


def format_returns_a_number(case):
    """Have a format function that returns no text."""
    case.add(format=lambda _record: 12)
    case.log()


def format_returns_more_lines(case):
    """Have a format function that ends its lines itself."""
    case.add(format=lambda _record: "one\ntwo\n\n")
    case.log()


def template_is_invalid(case):
    """Have a function that returns an invalid template."""
    logger.configure(show_time=False)
    case.add(format=logly.template(lambda _record: "{message!x}"))
    case.log()


def template_is_filled_in(case):
    """Have a function that returns a template."""
    case.add(format=logly.template(lambda _record: "<{level}> {message}\n{exception}"))
    case.log()


def colored(case, callback):
    """Colour lines by a function."""
    logger.configure(color=True, color_callback=callback, show_time=False)
    case.add(format=None)
    case.log("one", "two")


def color_callback_colors(case):
    """Have a function that colours."""
    colored(case, lambda level, text: f"<{level}>{text}</>")


def color_callback_raises(case):
    """Have a function that raises."""
    colored(case, broken)


def color_callback_returns_a_surrogate(case):
    """Have a function that returns a lone surrogate."""
    colored(case, lambda _level, text: text + SURROGATE)


def color_callback_ends_the_line(case):
    """Have a function that returns a line break."""
    colored(case, lambda _level, text: text + "\n")


def color_callback_returns_a_number(case):
    """Have a function that returns no text."""
    colored(case, lambda _level, _text: 12)


def write_raises(case):
    """Have a sink that raises, and works again."""
    case.on_write = failing_on("bad", ValueError("refused"))
    case.add()
    case.log("one", "bad", "bad", "good", "bad")


def write_ends_the_program(case):
    """Have a sink that calls `sys.exit`."""
    case.on_write = failing_on("bad", SystemExit(1))
    case.add()
    case.log("one", "bad", "good")


def write_returns_a_number(case):
    """Have a sink that returns something."""
    case.answer = 12
    case.add()
    case.log()


def write_changes_the_record(case):
    """Have a sink that changes the record of its line."""

    def change(line):
        if hasattr(line, "record"):
            line.record["extra"]["user"] = "changed"

    case.on_write = change
    values = ["a"]
    case.add(format="{user}")
    case.log(user=values)
    values.append("b")
    case.log(user=values)


def flush_is_none(case):
    """Have a stream whose `flush` is None."""
    case.attributes["flush"] = None
    case.add()
    case.log()


def flush_raises(case):
    """Have a stream whose `flush` raises."""
    case.attributes["flush"] = broken
    case.add()
    case.log("one", "two")


def isatty_raises(case):
    """Have a stream that cannot say whether it is a terminal."""
    case.attributes["isatty"] = broken
    case.add(format="auto")
    logger.configure(show_time=False)
    case.log()


def terminal_is_colored(case):
    """Have a stream that is a terminal."""
    case.attributes["isatty"] = lambda: True
    case.add(format="<red>{message}</red>")
    case.log()


def terminal_has_its_own_layout(case):
    """Have a stream that is a terminal, and the format for terminals."""
    case.attributes["isatty"] = lambda: True
    logger.configure(show_time=False)
    case.add(format="auto", color=False)
    case.log(user="ada")


BEHAVIOURS = [
    plain, own_layout, json, raw, exception, surrogate_in_the_message,
    filter_raises, filter_refuses, filter_changes_the_record,
    format_raises, format_returns_a_pattern, format_returns_a_surrogate, format_returns_a_number,
    format_returns_more_lines, template_is_invalid, template_is_filled_in,
    color_callback_colors, color_callback_raises, color_callback_returns_a_surrogate, color_callback_ends_the_line,
    color_callback_returns_a_number,
    write_raises, write_ends_the_program, write_returns_a_number, write_changes_the_record,
    flush_is_none, flush_raises, isatty_raises, terminal_is_colored, terminal_has_its_own_layout,
]  # fmt: skip


def closed_stream(case):
    """Write to a stream that is closed."""
    stream = io.StringIO()
    stream.close()
    case.add(stream)
    case.log("one", "two")


def encoding_lacks_a_character(case):
    """Write to a stream of Python's that lacks characters."""
    raw = io.BytesIO()
    case.add(io.TextIOWrapper(raw, "latin-1", newline="\n"))
    case.log("caf\xe9 \u20ac")
    case.seen.append(raw.getvalue())


def binary_stream(case):
    """Write to a stream that takes no text."""
    case.add(io.BytesIO())
    case.log("one", "two")


def stdout_is_replaced(case):
    """Replace `sys.stdout` between two lines."""
    case.add()
    case.log("one")
    other = io.StringIO()
    with contextlib.redirect_stdout(other):
        case.log("two")
    case.log("three")
    case.seen.append(other.getvalue())


def stdout_is_missing(case):
    """Take `sys.stdout` away between two lines."""
    case.add()
    case.log("one")
    with contextlib.redirect_stdout(None):
        case.log("two")
    case.log("three")


def handler_refuses(case):
    """Have a handler with a level and a filter of its own."""
    handler = Handler(case)
    handler.addFilter(lambda record: record.getMessage() != "one")
    case.add(handler)
    case.log("one", "two")
    handler.setLevel("ERROR")
    case.log("three")


def filter_of_a_handler_raises(case):
    """Have a handler whose filter raises."""
    handler = Handler(case)
    handler.addFilter(broken)
    case.add(handler)
    case.log("one", "two")


def handler_without_a_format(case):
    """Have a handler that formats records itself."""
    case.add(format=None)
    case.log("hello", user="ada")


CASES = [
    *((kind, behaviour) for behaviour in BEHAVIOURS for kind in ("stream", "function", "handler", "console")),
    *(("stream", behaviour) for behaviour in (closed_stream, encoding_lacks_a_character, binary_stream)),
    *(("console", behaviour) for behaviour in (stdout_is_replaced, stdout_is_missing)),
    *(("handler", behaviour) for behaviour in (handler_refuses, filter_of_a_handler_raises, handler_without_a_format)),
]


def outcome(kind, behaviour, *, is_async):
    """Return everything that is seen of a sink: its lines, the reports, and its counts."""
    reset()
    logger.remove_all()
    case = Case(kind, is_async=is_async)
    with contextlib.redirect_stdout(Stream(case)), contextlib.redirect_stderr(io.StringIO()) as told, freeze(DAY):
        behaviour(case)
        assert logger.complete(LIMIT)
        counts = logger.stats()["sinks"].get(case.sink)
        logger.remove_all()
    shown = {name: counts[name] for name in ("accepted", "written", "filtered", "dropped")} if counts else None
    return {"lines": case.seen, "told": told.getvalue(), "counts": shown}


@pytest.mark.parametrize(
    ("kind", "behaviour"), [pytest.param(*case, id=f"{case[0]}-{case[1].__name__}") for case in CASES]
)
def test_a_sink_sees_the_same_on_both_ways(kind, behaviour, xterm):
    now, later = (outcome(kind, behaviour, is_async=is_async) for is_async in (False, True))

    assert later == now
