"""Programs written for Loguru: the parameters of `add`, and the accepted kinds of sinks."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import logging
import multiprocessing
import pathlib

import logly.testing
import pytest
from logly import logger

from tests.support.documents import run


def written(sink_id) -> str:
    """Give the text of a file sink."""
    return logger.read(sink_id)


@pytest.fixture(autouse=True)
def _no_console():
    logger.remove()


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


# Files


@pytest.mark.parametrize(
    "rotation",
    [
        "100 MB", "0.5 GB", "500 KiB", 1000, "4 days", "10h", "1 week", "1 month 2 weeks", "1 year, 2 months", "hourly",
        "daily", "weekly", "monthly", "yearly", "18:00", "11:00 AM", "sunday", "w0", "W3 at 10:00", "monday at 12:00",
        datetime.timedelta(hours=12), datetime.time(18), datetime.time(0, tzinfo=datetime.timezone.utc),
        ["1 day", "10 MB"],
    ],
)  # fmt: skip
def test_rotation_is_accepted_in_each_form(rotation, tmp_path):
    number = logger.add(tmp_path / "app.log", rotation=rotation, format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_rotation_function_gets_message_and_file(tmp_path):
    seen = []

    def is_due(message, file) -> bool:
        file.seek(0, 2)
        seen.append((str(message), message.record["level"].name, file.name, file.tell()))
        return file.tell() + len(message) > 15

    number = logger.add(tmp_path / "app.log", rotation=is_due, format="{message}")
    for word in ("seven77", "seven78", "seven79"):
        logger.info(word)

    assert written(number) == "seven79\n"
    assert logger.read(number, archives=True) == "seven77\nseven78\nseven79\n"
    assert seen[1] == ("seven78\n", "INFO", str(tmp_path / "app.log"), 8)


def test_rotation_function_may_be_a_method(tmp_path):
    class Rotator:
        def should_rotate(self, message, file) -> bool:
            return message.record["message"] == "second"

    logger.add(tmp_path / "app.log", rotation=Rotator().should_rotate, format="{message}")
    logger.info("first")
    logger.info("second")
    logger.complete()

    assert len(list(tmp_path.iterdir())) == 2


def test_rotation_function_of_three_gets_record_path_and_size(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation=lambda *given: seen.append(given), format="{message}")
    logger.info("hello")
    logger.complete()

    assert [type(value).__name__ for value in seen[0]] == ["dict", "str", "int"]


@pytest.mark.parametrize(
    "retention", [10, "10 days", "1 week, 3 days", "2 months", datetime.timedelta(days=2), lambda paths: None]
)
def test_retention_is_accepted_in_each_form(retention, tmp_path):
    number = logger.add(tmp_path / "app.log", retention=retention, format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_retention_function_gets_the_archives(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation="6 B", retention=seen.extend, format="{message}")
    logger.info("hello")
    logger.info("world")
    logger.complete()

    assert {pathlib.Path(path).parent for path in seen} == {tmp_path}


@pytest.mark.parametrize(
    "compression", ["gz", "bz2", "xz", "lzma", "tar", "tar.gz", "tar.bz2", "tar.xz", "zip", "gzip", "zstd"]
)
def test_archive_is_compressed_in_each_form_and_read_back(compression, tmp_path):
    number = logger.add(tmp_path / "app.log", rotation="6 B", compression=compression, format="{message}")

    logger.info("hello")
    logger.info("world")
    logger.complete()

    suffix = {"lzma": "xz", "gzip": "gz", "zstd": "zst"}.get(compression, compression)
    assert [path.name for path in tmp_path.glob(f"app.*.log.{suffix}")] != []
    assert logger.read(number, archives=True) == "hello\nworld\n"


def test_compression_function_gets_the_path(tmp_path):
    seen = []

    logger.add(tmp_path / "app.log", rotation="6 B", compression=seen.append, format="{message}")
    logger.info("hello")
    logger.info("world")
    logger.complete()

    assert [pathlib.Path(path).read_text("utf-8") for path in seen] == ["hello\n"]


def test_delay_opens_at_the_first_record(tmp_path):
    logger.add(tmp_path / "app.log", delay=True)

    assert list(tmp_path.iterdir()) == []


def test_watch_makes_a_file_that_was_removed_anew(tmp_path):
    number = logger.add(tmp_path / "app.log", watch=True, format="{message}")
    logger.info("gone")
    logger.complete()
    (tmp_path / "app.log").unlink()

    logger.info("hello")

    assert written(number) == "hello\n"


@pytest.mark.parametrize(("mode", "text"), [("a", "before\nhello\n"), ("w", "hello\n")])
def test_mode_is_that_of_open(mode, text, tmp_path):
    (tmp_path / "app.log").write_text("before\n", "utf-8")

    number = logger.add(tmp_path / "app.log", mode=mode, format="{message}")
    logger.info("hello")

    assert written(number) == text


def test_mode_x_wants_a_new_file(tmp_path):
    (tmp_path / "app.log").touch()

    with pytest.raises(FileExistsError):
        logger.add(tmp_path / "app.log", mode="x")


@pytest.mark.parametrize("buffering", [-1, 1, 8192])
def test_buffering_is_accepted(buffering, tmp_path):
    number = logger.add(tmp_path / "app.log", buffering=buffering, format="{message}")

    logger.info("hello")

    assert written(number) == "hello\n"


def test_buffering_is_for_files():
    with pytest.raises(ValueError, match="buffering: expected a sink that is a file"):
        logger.add(print, buffering=1)


@pytest.mark.parametrize("encoding", ["utf8", "utf-8", "latin1", "ascii"])
def test_encoding_is_that_of_the_file(encoding, tmp_path):
    logger.add(tmp_path / "app.log", encoding=encoding, format="{message}")

    logger.info("hello")
    logger.complete()

    assert (tmp_path / "app.log").read_text(encoding) == "hello\n"


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
