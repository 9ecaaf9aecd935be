"""Reports on standard error: the failing code, its exception and its place; their frequency; and the stream used."""

from __future__ import annotations

import contextlib
import io
import itertools
import logging
import re
import sys
import textwrap

import pytest
from logly import Logger, logger

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")


def broken(*_):
    raise NameError("name 'x' is not defined")


HERE = f"NameError: name 'x' is not defined ({__file__}:{broken.__code__.co_firstlineno + 1})"


class Broken:
    """A stream whose every write fails."""

    def write(self, _):
        """Fail."""
        broken()


class BrokenHandler(logging.Handler):
    """A handler whose every record fails."""

    def emit(self, record):
        """Fail."""
        broken(record)


class Value:
    """A value that cannot be rendered."""

    def __str__(self):
        return broken()

    __repr__ = __str__


class Stderr:
    """The text written to `sys.stderr`, which is not descriptor 2 here."""

    def __init__(self, capsys):
        self._capsys = capsys
        self._text = ""

    def getvalue(self):
        """Return all text so far."""
        self._text += self._capsys.readouterr().err
        return self._text


@pytest.fixture
def stderr(capsys):
    """Give the text written to `sys.stderr`."""
    return Stderr(capsys)


def quiet(_):
    pass


@pytest.mark.parametrize(
    ("whose", "use"),
    [
        ("sink broken", lambda log: log.add(broken)),
        ("sink Broken", lambda log: log.add(Broken())),
        ("sink BrokenHandler", lambda log: log.add(BrokenHandler())),
        ("sink broken", lambda log: log.add(broken, async_write=True)),
        ("sink BrokenHandler", lambda log: log.add(BrokenHandler(), async_write=True)),
        ("callback broken", lambda log: log.add_callback(broken)),
        ("a filter", lambda log: log.add(quiet, filter=broken)),
        ("a filter", lambda log: log.add(quiet, filter=broken, async_write=True)),
        ("a format function", lambda log: log.add(quiet, format=broken)),
        ("a patcher", lambda log: log.add(quiet) and log.configure(patcher=broken)),
        ("color_callback", lambda log: log.configure(color_callback=broken) or log.add(quiet, color=True)),
    ],
)
def test_report_says_whose_code_raised_what_and_where(stderr, whose, use):
    use(logger)

    logger.info("secret")

    assert logger.complete(timeout=30)
    assert f"logly: {whose} raised {HERE}" in stderr.getvalue()
    assert "secret" not in stderr.getvalue()


@pytest.mark.parametrize(
    ("option", "start"),
    [
        ("rotation", "a rotation function"),
        ("retention", "retention function broken"),
        ("compression", "compression function broken"),
    ],
)
def test_report_of_a_files_function_says_what_and_where(tmp_path, stderr, option, start):
    rotation = {} if option == "rotation" else {"rotation": "1 B"}
    logger.add(tmp_path / "log", async_write=False, **{option: broken}, **rotation)

    logger.info("first")
    logger.info("second")

    assert logger.complete(timeout=30)
    assert f"logly: {start} raised {HERE}" in stderr.getvalue()


@pytest.mark.parametrize(
    "log",
    [
        lambda: logger.info("x", value=Value()),
        lambda: logger.info("{}", Value()),
        lambda: logger.opt(lazy=True).info("{}", broken),
        lambda: logger.once(key=Value()).info("x"),
    ],
)
def test_report_of_a_value_says_what_and_where(stderr, log):
    logger.add(quiet)

    log()

    assert HERE in stderr.getvalue()


def test_report_of_code_that_was_not_entered_has_no_place(stderr):
    logger.add_callback(lambda: None)

    logger.info("x")

    assert logger.complete(timeout=30)
    assert re.search(r"raised TypeError: .*takes 0 positional arguments but 1 was given\n", stderr.getvalue())


def test_message_of_an_exception_is_cut_and_escaped(stderr):
    def sink(_):
        raise ValueError("\x1b[31mline\nbreak" + "é" * 500)

    logger.add(sink)

    logger.info("x")

    (line,) = stderr.getvalue().splitlines()
    assert "ValueError: \\x1b[31mline\\nbreakéé" in line
    assert line.count("é") < 200
    assert "é... (" in line


def test_exception_that_cannot_be_shown_is_told_by_its_type(stderr):
    class Odd(Exception):
        def __str__(self):
            return broken()

    def sink(_):
        raise Odd

    logger.add(sink)

    logger.info("x")

    assert "sink raised Odd (" in stderr.getvalue()


# Frequency


@pytest.mark.parametrize("is_background", [False, True])
def test_sink_that_fails_every_second_time_is_told_a_few_times(stderr, is_background):
    calls = itertools.count()

    def sink(_):
        if next(calls) % 2:
            broken()

    logger.add(sink, async_write=is_background, overflow="block" if is_background else None)

    for _ in range(5_000):
        logger.info("x")

    assert logger.complete(timeout=60)
    # Each elapsed pause adds two lines: the failure and the recovery.
    assert 2 <= len(stderr.getvalue().splitlines()) <= 8


def test_each_filter_is_told_by_itself(stderr):
    for _ in range(2):
        logger.add(quiet, filter=broken)

    for _ in range(3):
        logger.info("x")

    assert stderr.getvalue().count("a filter raised") == 2


# Streams


def test_redirected_standard_error_gets_the_report(capfd):
    logger.add(broken)
    stream = io.StringIO()

    with contextlib.redirect_stderr(stream):
        logger.info("x")

    assert "sink broken raised NameError" in stream.getvalue()
    assert capfd.readouterr().err == ""


def test_standard_error_that_is_missing_or_fails_leaves_descriptor_2(capfd, monkeypatch):
    for number, stream in enumerate([None, Broken(), object()]):
        monkeypatch.setattr(sys, "stderr", stream)
        own = Logger()
        own.configure(console=False)
        own.add(broken)

        own.info("x")

        assert capfd.readouterr().err.count("sink broken raised NameError") == 1, number


def test_standard_error_that_logs_is_not_entered_again(capfd, monkeypatch):
    class Logging:
        entered = 0

        def write(self, text):
            Logging.entered += 1
            logger.error("told: {text}", text=text)

    lines = []
    logger.add(broken)
    logger.add(Broken())
    logger.add(lines.append, format="{message}")
    monkeypatch.setattr(sys, "stderr", Logging())

    logger.info("x")

    assert Logging.entered == 1
    assert any(line.startswith("told: logly: sink broken raised") for line in lines)
    assert "sink Broken raised" in capfd.readouterr().err


# Exceptions raised to the caller


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit, type("Own", (BaseException,), {})])
@pytest.mark.parametrize(
    "use",
    [
        logger.add,
        lambda function: logger.add(quiet, filter=function),
        lambda function: logger.add(quiet, format=function),
        lambda function: logger.add(quiet) and logger.configure(patcher=function),
    ],
    ids=["sink", "filter", "format", "patcher"],
)
def test_what_ends_threads_and_generators_is_contained(stderr, error, use):
    def function(_):
        raise error

    use(function)

    logger.info("x")

    assert f"raised {error.__name__} (" in stderr.getvalue()


def test_what_ctrl_c_raises_in_a_sink_reaches_the_caller():
    def sink(_):
        raise KeyboardInterrupt

    logger.add(sink)

    with pytest.raises(KeyboardInterrupt):
        logger.info("x")


@pytest.mark.parametrize("parameters", ["number, frame", "*_", "number=None, frame=None, *, code=3"])
def test_exit_by_a_handler_of_a_signal_within_a_sink_ends_the_program(parameters):
    program = f"""
        import os, signal, sys
        from logly import logger

        def leave({parameters}):
            sys.exit(3)

        def sink(line):
            os.kill(os.getpid(), signal.SIGTERM)
            for _ in range(1000):
                pass

        signal.signal(signal.SIGTERM, leave)
        logger.configure(console=False)
        logger.add(sink)
        logger.info("x")
        print("went on")
    """

    result = child.run(textwrap.dedent(program))

    result.check(stdout="", returncode=3)


def test_greenlet_that_is_ended_within_a_sink_ends(stderr):
    greenlet = pytest.importorskip("greenlet")

    def sink(_):
        greenlet.getcurrent().parent.switch()

    ended = []
    logger.add(sink)
    one = greenlet.greenlet(lambda: logger.info("x") or ended.append("went on"))
    one.switch()

    one.throw()

    assert one.dead
    assert ended == []
    assert stderr.getvalue() == ""


def test_report_shows_no_character_of_a_type_s_name_that_is_unseen(capfd):
    kind = type("Fault\u202e\u200b\u2028\x1b", (Exception,), {})

    class Broken:
        def __str__(self):
            raise kind

    logger.add(io.StringIO())
    logger.info("m", value=Broken())

    told = capfd.readouterr().err
    assert "Fault" in told
    assert not set("\u202e\u200b\u2028\x1b") & set(told)
