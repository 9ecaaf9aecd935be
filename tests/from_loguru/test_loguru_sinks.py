"""Programs written for Loguru: the parameters of `add`, and the accepted kinds of sinks."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import multiprocessing
import pathlib

import logly.testing
import pytest
from logly import logger

from tests.support.documents import run

pytestmark = pytest.mark.usefixtures("no_console")


def written(sink_id) -> str:
    """Give the text of a file sink."""
    return logger.read(sink_id)


# Kinds of sinks


def test_sink_is_a_stream():
    stream = io.StringIO()

    logger.add(stream, format="{message}")
    logger.info("hello")

    assert stream.getvalue() == "hello\n"


def test_sink_is_an_object_that_is_flushed_and_stopped():
    class Sink:
        def __init__(self) -> None:
            self.calls = []

        def write(self, message) -> None:
            self.calls.append(message)

        def flush(self) -> None:
            self.calls.append("flush")

        def stop(self) -> None:
            self.calls.append("stop")

    sink = Sink()
    number = logger.add(sink, format="{message}")
    logger.info("hello")

    logger.remove(number)

    assert sink.calls == ["hello\n", "flush", "stop"]


@pytest.mark.parametrize("make", [str, pathlib.Path])
def test_sink_is_a_path(make, tmp_path):
    number = logger.add(make(tmp_path / "folder" / "app.log"), format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_path_holds_the_time(tmp_path):
    with logly.testing.freeze("2025-01-15T10:30:45"):
        logger.add(tmp_path / "app_{time:YYYY-MM-DD}.log")

    assert [path.name for path in tmp_path.iterdir()] == ["app_2025-01-15.log"]


def test_sink_is_a_function_whose_message_has_its_record():
    messages = []

    logger.add(messages.append, format="{level} {message}")
    logger.bind(user="ada").info("hello")

    assert messages == ["INFO hello\n"]
    assert messages[0].record["extra"] == {"user": "ada"}


def test_sink_is_a_coroutine_function():
    messages = []

    async def send(message) -> None:
        await asyncio.sleep(0)
        messages.append(message)

    async def main() -> None:
        logger.add(send, format="{message}", loop=asyncio.get_running_loop())
        logger.info("hello")
        await logger.complete_async()

    asyncio.run(main())

    assert messages == ["hello\n"]


def test_sink_is_a_handler_of_logging():
    stream = io.StringIO()

    logger.add(logging.StreamHandler(stream), format="{message}")
    logger.info("hello")

    assert stream.getvalue() == "hello\n"


# Levels, filters, formats


@pytest.mark.parametrize("level", ["WARNING", 30])
def test_level_is_the_lowest_one(level):
    stream = io.StringIO()

    logger.add(stream, level=level, format="{message}")
    logger.info("no")
    logger.warning("yes")

    assert stream.getvalue() == "yes\n"


@pytest.mark.parametrize(
    ("filter_", "is_shown"),
    [
        ("", True),
        (__name__, True),
        ("tests", True),
        ("test", False),
        ({"": "DEBUG"}, True),
        ({"": "DEBUG", "tests": "ERROR"}, False),
        ({"tests": "ERROR", __name__: True}, True),
        ({__name__: False}, False),
        ({__name__: 20}, True),
        ({__name__: 21}, False),
        (lambda record: record["level"].no == 20, True),
        (lambda record: "user" in record["extra"], False),
        (lambda record: record["function"] != "run", True),
    ],
)
def test_filter_says_what_is_shown(filter_, is_shown):
    stream = io.StringIO()

    logger.add(stream, filter=filter_, format="{message}")
    logger.info("hello")

    assert bool(stream.getvalue()) is is_shown


@pytest.mark.parametrize(("colorize", "text"), [(True, "\x1b[31mx\x1b[0m\n"), (False, "x\n"), (None, "x\n")])
def test_colorize_decides_about_colours(colorize, text):
    messages = []

    logger.add(messages.append, colorize=colorize, format="<red>x</red>")
    logger.info("hello")

    assert messages == [text]


def test_serialize_writes_json():
    stream = io.StringIO()

    logger.add(stream, serialize=True)
    logger.info("paid {amount}", amount=12)

    record = json.loads(stream.getvalue())
    assert (record["level"], record["message"], record["fields"]) == ("INFO", "paid 12", {"amount": 12})


# Exceptions


def fail() -> None:
    """Log an exception that was raised two frames deeper."""
    ports = {"port": None}
    try:
        int(ports["port"])
    except TypeError:
        logger.exception("failed")


def test_backtrace_shows_the_frames_beyond():
    stream = io.StringIO()

    logger.add(stream, backtrace=True)
    fail()

    assert "test_backtrace_shows_the_frames_beyond" in stream.getvalue()


def test_diagnose_shows_values():
    stream = io.StringIO()

    logger.add(stream, diagnose=True)
    fail()

    assert "{'port': None}" in stream.getvalue()


def test_catch_contains_what_a_sink_raises(capfd):
    def broken(message) -> None:
        raise RuntimeError(message)

    logger.add(broken, catch=True)
    logger.info("hello")

    assert "broken raised RuntimeError" in capfd.readouterr().err


def test_without_catch_it_comes_out_of_the_call():
    def broken(message) -> None:
        raise RuntimeError(message)

    logger.add(broken, catch=False)

    with pytest.raises(RuntimeError):
        logger.info("hello")


# In the background


@pytest.mark.parametrize("enqueue", [True, False])
def test_enqueue_writes_everything_by_complete(enqueue):
    messages = []

    logger.add(messages.append, enqueue=enqueue, format="{message}")
    logger.info("hello")

    assert logger.complete()
    assert messages == ["hello\n"]


@pytest.mark.parametrize("context", [None, "fork", "spawn", "forkserver", multiprocessing.get_context("spawn")])
def test_context_of_multiprocessing_is_accepted(context):
    messages = []

    logger.add(messages.append, enqueue=True, context=context, format="{message}")
    logger.info("hello")
    logger.complete()

    assert messages == ["hello\n"]


def test_context_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r'context: expected "fork", .* got "spwan" \(did you mean "spawn"\?\)'):
        logger.add(print, context="spwan")
    with pytest.raises(TypeError, match="context: expected"):
        logger.add(print, context=3)


# Removal


def test_first_sink_has_the_number_0():
    process = logly.Logger()

    assert process.list_sinks() == [0]
    assert process.remove(0)


def test_handler_id_is_another_name():
    number = logger.add(print)

    assert logger.remove(handler_id=number) is True
    with pytest.raises(TypeError, match="mean the same"):
        logger.remove(number, handler_id=number)


def test_stop_is_called_once_at_the_end_of_the_process(tmp_path):
    ended = run(
        "from logly import logger\n"
        "class Sink:\n"
        "    def write(self, message): print('write', message, end='')\n"
        "    def stop(self): print('stop')\n"
        "logger.remove()\n"
        "logger.add(Sink(), format='{message}')\n"
        "logger.info('hello')\n",
        tmp_path,
    )

    ended.check(stdout="write hello\nstop\n", stderr="")


def test_what_stop_raises_is_told(capfd):
    class Sink(list):
        write = list.append

        def stop(self) -> None:
            raise RuntimeError

    logger.remove(logger.add(Sink()))

    assert "stop() of sink Sink raised RuntimeError (" in capfd.readouterr().err
