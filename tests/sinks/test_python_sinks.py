"""Sinks written in Python: objects with `write()` and functions, with any behaviour."""

from __future__ import annotations

import functools
import io
import threading

import pytest
from logly import logger

from tests.support.threads import together

pytestmark = pytest.mark.usefixtures("no_console")


class Collector:
    """An object with only `write()`."""

    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)


def test_object_with_write_gets_the_line():
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.info("hello")

    assert stream.getvalue() == "hello\n"


def test_object_needs_no_flush():
    collector = Collector()
    logger.add(collector, format="{message}")

    logger.info("hello")

    assert collector.lines == ["hello\n"]


def test_object_is_flushed_after_each_line(tmp_path):
    path = tmp_path / "app.log"
    with path.open("w") as file:
        logger.add(file, format="{message}")

        logger.info("hello")

        assert path.read_text() == "hello\n"


def test_function_gets_the_line():
    lines = []
    logger.add(lines.append, format="{level} {message}")

    logger.info("hello")

    assert lines == ["INFO hello\n"]


def test_callable_object_is_a_function():
    class Sink:
        def __init__(self):
            self.lines = []

        def __call__(self, line):
            self.lines.append(line)

    sink = Sink()
    logger.add(sink, format="{message}")

    logger.info("hello")

    assert sink.lines == ["hello\n"]


@pytest.mark.parametrize("is_object", [True, False])
def test_line_is_text_that_carries_its_record(is_object):
    collector = Collector()
    logger.add(collector if is_object else collector.write, format="{message}")

    logger.bind(user="ada").warning("paid {amount}", amount=12)

    (line,) = collector.lines
    assert isinstance(line, str)
    assert line == "paid 12\n"
    assert line.record["message"] == "paid 12"
    assert line.record["extra"] == {"user": "ada", "amount": 12}


def test_record_has_everything_a_loguru_program_reads():
    lines = []
    logger.add(lines.append)

    logger.error("hello")

    record = lines[0].record
    assert (record["level"].name, record["level"].no, record["level"] == "ERROR") == ("ERROR", 40, True)
    assert (record["file"].name, record["file"].path) == ("test_python_sinks.py", __file__)
    assert (record["name"], record["module"]) == (__name__, __name__)
    assert record["function"] == "test_record_has_everything_a_loguru_program_reads"
    assert record["line"] == int(record["lineno"])
    assert record["thread"].id == threading.get_ident()
    assert record["thread"].name == threading.current_thread().name
    assert record["process"].name == "MainProcess"
    assert record["time"].tzinfo is not None
    assert record["elapsed"].total_seconds() >= 0
    assert record["exception"] is None


def test_record_carries_the_exception():
    lines = []
    logger.add(lines.append)
    error = ValueError("no")

    try:
        raise error
    except ValueError:
        logger.exception("failed")

    exception = lines[0].record["exception"]
    assert (exception.type, exception.value) == (ValueError, error)
    assert exception.traceback is error.__traceback__


def test_sink_that_raises_every_time_reaches_no_caller_and_says_little(capfd):
    def broken(_line):
        raise ValueError("refused")

    sink = logger.add(broken)
    for number in range(500):
        logger.info("secret {number}", number=number)

    told = capfd.readouterr().err
    assert told.startswith("logly: sink ")
    assert "broken raised ValueError: refused (" in told
    assert len(told.splitlines()) <= 2
    assert "secret" not in told
    assert logger.sink_info(sink)["dropped"] == 500


def test_sink_that_raises_harms_no_other():
    before, after = [], []
    logger.add(before.append, format="{message}")
    logger.add(lambda _line: 1 / 0)
    logger.add(after.append, format="{message}")

    logger.info("hello")

    assert (before, after) == (["hello\n"], ["hello\n"])


def test_sink_recovers(capfd):
    lines = []

    def flaky(line):
        if "bad" in line:
            raise OSError
        lines.append(line)

    logger.add(flaky, format="{message}")
    for text in ("bad", "bad", "good"):
        logger.info(text)

    assert lines == ["good\n"]
    assert "recovered after 2 failures" in capfd.readouterr().err


def test_interrupt_in_a_sink_passes_on_after_the_others_were_written():
    def stop(_line):
        raise KeyboardInterrupt

    lines = []
    logger.add(stop)
    logger.add(lines.append, format="{message}")

    with pytest.raises(KeyboardInterrupt):
        logger.info("hello")

    assert lines == ["hello\n"]


@pytest.mark.parametrize("pattern", ["{message}", "{message} {thread.name}"])
def test_interrupt_that_comes_while_logly_asks_python_for_names_passes_on(pattern, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    lines = []
    logger.add(lines.append, format=pattern)
    monkeypatch.setattr("threading.current_thread", stop)

    with pytest.raises(KeyboardInterrupt):
        logger.info("hello")

    assert [line.strip() for line in lines] == ["hello"]


def test_interrupt_that_comes_while_a_stream_says_whether_it_is_a_terminal_passes_on():
    class Stream(Collector):
        def isatty(self):
            raise KeyboardInterrupt

    stream = Stream()
    logger.add(stream, format="{message}")

    with pytest.raises(KeyboardInterrupt):
        logger.info("hello")

    assert "hello" in str(stream.lines)


@pytest.mark.parametrize("error", [GeneratorExit, StopIteration, MemoryError, RecursionError])
def test_anything_else_a_sink_raises_is_contained(error):
    def broken(_line):
        raise error

    sink = logger.add(broken)

    logger.info("hello")

    assert logger.sink_info(sink)["dropped"] == 1


def test_object_whose_flush_raises_is_contained():
    class Unflushable(Collector):
        def flush(self):
            raise OSError

    collector = Unflushable()
    logger.add(collector, format="{message}")

    logger.info("hello")

    assert collector.lines == ["hello\n"]


def test_binary_file_is_contained(tmp_path, capfd):
    with (tmp_path / "app.log").open("wb") as file:
        logger.add(file)

        logger.info("hello")

    assert "raised TypeError" in capfd.readouterr().err


def test_lines_of_many_threads_stay_whole_and_in_order():
    lines = []
    logger.add(lines.append, format="{who} {n}")

    def work(who):
        for n in range(500):
            logger.info("", who=who, n=n)

    together(*(functools.partial(work, who) for who in range(8)))

    assert len(lines) == 4_000
    for who in range(8):
        assert [line for line in lines if line.startswith(f"{who} ")] == [f"{who} {n}\n" for n in range(500)]


def test_order_is_the_same_in_every_sink():
    one, two = [], []
    logger.add(one.append, format="{message}")
    logger.add(two.append, format="{message}")

    for number in range(1_000):
        logger.info(str(number))

    assert one == two == [f"{number}\n" for number in range(1_000)]


@pytest.mark.parametrize(
    "make", [lambda: [1, {"a": [2]}], lambda: {"a": {"b": 1}}, lambda: {1, 2}], ids=["list", "dict", "set"]
)
def test_later_mutation_changes_no_record(make):
    lines = []
    value = make()
    logger.add(lines.append)

    logger.info("hello", value=value)
    value.clear()

    assert lines[0].record["value"] == make()
