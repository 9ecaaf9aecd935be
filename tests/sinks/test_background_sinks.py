"""Python sinks in the background: functions, streams and handlers with `async_write=True`."""

from __future__ import annotations

import datetime
import io
import logging
import threading

import pytest
from logly import logger

from tests.support import standard

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a hanging call fails its test."""


class Gate:
    """A function sink that blocks until it is released."""

    def __init__(self):
        self.lines = []
        self.threads = set()
        self.is_inside = threading.Event()
        self.may_go = threading.Event()

    def __call__(self, line):
        self.is_inside.set()
        assert self.may_go.wait(LIMIT)
        self.lines.append(line)
        self.threads.add(threading.current_thread().name)


@pytest.fixture
def gate():
    """Give a blocking sink, and release it at the end of the test."""
    closed = Gate()
    yield closed
    closed.may_go.set()


def test_function_runs_on_a_thread_of_its_own_in_order():
    lines, threads = [], set()

    def sink(line):
        lines.append(line)
        threads.add(threading.get_ident())

    logger.add(sink, format="{message}", async_write=True)
    for number in range(2_000):
        logger.info(str(number))

    assert logger.complete(LIMIT)
    assert lines == [f"{number}\n" for number in range(2_000)]
    assert threading.get_ident() not in threads
    assert len(threads) == 1


def test_enqueue_means_the_same():
    sink = logger.add(lambda _line: None, enqueue=True)

    assert logger.sink_info(sink)["async_write"] is True


def test_caller_does_not_wait_for_the_sink(gate):
    logger.add(gate, format="{message}", async_write=True)

    logger.info("one")
    logger.info("two")

    assert gate.is_inside.wait(LIMIT)
    assert gate.lines == []
    gate.may_go.set()
    assert logger.complete(LIMIT)
    assert gate.lines == ["one\n", "two\n"]


def test_slow_sink_stops_no_other(gate):
    lines = []
    logger.add(gate, async_write=True)
    other = logger.add(lines.append, format="{message}", async_write=True)
    logger.info("hello")
    assert gate.is_inside.wait(LIMIT)

    assert logger.flush(timeout=0.2) is False

    assert lines == ["hello\n"]
    assert logger.sink_info(other)["written"] == 1


def test_stream_is_flushed_once_what_waited_is_written(tmp_path, gate):
    class Stream(io.StringIO):
        flushes = 0

        def flush(self):
            self.flushes += 1

        def write(self, line):
            gate("")
            return super().write(line)

    stream = Stream()
    logger.add(stream, format="{message}", async_write=True)
    logger.info("one")
    assert gate.is_inside.wait(LIMIT)
    for number in range(10):
        logger.info(str(number))
    gate.may_go.set()

    assert logger.complete(LIMIT)
    assert stream.getvalue() == "one\n" + "".join(f"{number}\n" for number in range(10))
    assert 1 <= stream.flushes < 11


def test_flush_returns_when_streams_are_flushed(tmp_path):
    path = tmp_path / "app.log"
    with path.open("w") as file:
        logger.add(file, format="{message}", async_write=True)
        logger.info("hello")

        assert logger.flush(LIMIT)

        assert path.read_text() == "hello\n"


def test_console_is_looked_up_when_the_line_is_written(capsys):
    logger.add("stdout", format="{message}", async_write=True)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert capsys.readouterr().out == "hello\n"


def test_console_that_was_replaced_between_two_lines_is_flushed(monkeypatch, gate):
    class Stream(io.StringIO):
        flushes = 0

        def write(self, line):
            gate(line)
            return len(line)

        def flush(self):
            self.flushes += 1

    old, new = Stream(), Stream()
    logger.add("stdout", format="{message}", async_write=True)
    monkeypatch.setattr("sys.stdout", old)
    logger.info("one")
    assert gate.is_inside.wait(LIMIT)
    logger.info("two")
    monkeypatch.setattr("sys.stdout", new)
    gate.may_go.set()

    assert logger.complete(LIMIT)
    assert gate.lines == ["one\n", "two\n"]
    assert (old.flushes, new.flushes) == (1, 1)


def test_what_the_streams_encoding_lacks_is_escaped():
    raw = io.BytesIO()
    logger.add(io.TextIOWrapper(raw, "latin-1"), format="{message}", async_write=True)
    logger.info("caf\xe9 \u20ac")

    assert logger.complete(LIMIT)
    assert raw.getvalue() == b"caf\xe9 \\u20ac\n"


def test_line_carries_its_record():
    lines = []
    logger.add(lines.append, format="{message}", async_write=True)
    logger.bind(user="ada").warning("paid {amount}", amount=12)
    assert logger.complete(LIMIT)

    (line,) = lines
    record = line.record
    assert (record["message"], record["level"], record["level"].no) == ("paid 12", "WARNING", 30)
    assert record["extra"] == {"user": "ada", "amount": 12}
    assert (record["user"], record["function"]) == ("ada", "test_line_carries_its_record")
    assert (record["file"].path, record["name"]) == (__file__, __name__)
    assert (record["thread"].id, record["thread"].name) == (threading.get_ident(), threading.current_thread().name)
    assert record["exception"] is None
    assert line.record is record


def test_values_are_those_that_a_synchronous_sink_sees():
    records = []
    value = {"day": datetime.date(2025, 1, 15), "raw": [b"raw"], "object": object}
    logger.add(lambda line: records.append(line.record))
    logger.add(lambda line: records.append(line.record), async_write=True)
    logger.info("hello", value=value)
    value["raw"].append("later")
    assert logger.complete(LIMIT)

    now, later = records
    assert later["value"] == now["value"] == {**value, "raw": [b"raw"]}


def test_settings_are_those_of_the_call(gate):
    logger.add(gate, format="{level.icon} {message}", async_write=True)
    logger.info("one")
    assert gate.is_inside.wait(LIMIT)
    logger.info("two")
    logger.level("INFO", icon="*")
    logger.info("three")
    gate.may_go.set()

    assert logger.complete(LIMIT)
    assert [line.split()[1] for line in gate.lines] == ["one", "two", "three"]
    assert [line.startswith("*") for line in gate.lines] == [False, False, True]


def test_filters_and_formats_run_on_the_thread_that_logs():
    lines, threads = [], set()

    def wanted(record):
        threads.add(threading.get_ident())
        return record["n"] % 2 == 0

    def shown(record):
        threads.add(threading.get_ident())
        return f"<{record['n']}>"

    sink = logger.add(lines.append, filter=wanted, format=shown, async_write=True)
    for number in range(10):
        logger.info("hello", n=number)

    assert logger.complete(LIMIT)
    assert lines == ["<0>\n", "<2>\n", "<4>\n", "<6>\n", "<8>\n"]
    assert threads == {threading.get_ident()}
    info = logger.sink_info(sink)
    assert (info["written"], info["filtered"], info["dropped"]) == (5, 5, 0)


def test_native_filters_apply():
    lines = []
    logger.add(lambda _line: None)
    sink = logger.add(lines.append, format="{message}", level="WARNING", filter_function="nobody", async_write=True)
    logger.info("low")
    logger.error("elsewhere")

    assert logger.complete(LIMIT)
    assert lines == []
    assert logger.sink_info(sink)["filtered"] == 2


@pytest.mark.parametrize("what", ["filter", "format"])
def test_filter_or_format_that_raises_loses_no_record(what, capfd):
    lines = []
    logger.add(lines.append, **{"format": "{message}", what: lambda _record: 1 / 0}, async_write=True)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert "hello" in lines[0]
    assert f"a {what}" in capfd.readouterr().err


def test_color_callback_colors_the_line():
    stream = io.StringIO()
    logger.configure(color=True, color_callback=lambda level, text: f"<{level}>{text}</>", show_time=False)
    logger.add(stream, async_write=True)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert stream.getvalue() == "<INFO>INFO | hello</>\n"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_a_sink_raises_is_counted_and_told(error, capfd):
    def broken(_line):
        raise error("refused")

    sink = logger.add(broken, async_write=True)
    for number in range(100):
        logger.info("secret {number}", number=number)

    assert logger.complete(LIMIT)
    told = capfd.readouterr().err
    assert f"broken raised {error.__name__}: refused (" in told
    assert "secret" not in told
    assert len(told.splitlines()) <= 2
    assert logger.sink_info(sink)["dropped"] == 100


def test_sink_recovers(capfd):
    lines = []

    def flaky(line):
        if "bad" in line:
            raise OSError
        lines.append(line)

    logger.add(flaky, format="{message}", async_write=True)
    for text in ("bad", "bad", "good"):
        logger.info(text)

    assert logger.complete(LIMIT)
    assert lines == ["good\n"]
    assert "recovered after 2 failures" in capfd.readouterr().err


def test_what_a_sink_logs_reaches_other_sinks_but_no_background_sink():
    here, other, background = [], [], []

    def sink(line):
        here.append(line)
        logger.info("inner")

    logger.add(sink, format="{message}", async_write=True)
    logger.add(background.append, format="{message}", async_write=True)
    logger.add(other.append, format="{message}")
    logger.info("outer")

    assert logger.complete(LIMIT)
    assert here == background == ["outer\n"]
    assert sorted(other) == ["inner\n", "outer\n"]


@pytest.mark.parametrize("call", ["complete", "flush"])
def test_waiting_inside_a_sink_returns_at_once(call):
    answers = []
    logger.add(lambda _line: answers.append(getattr(logger, call)()), async_write=True)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert answers == [False]


def test_sink_may_remove_itself():
    lines = []

    def once(line):
        lines.append(line)
        logger.remove(sink)

    sink = logger.add(once, format="{message}", async_write=True)
    logger.info("one")
    assert logger.complete(LIMIT)
    logger.info("two")

    assert (lines, logger.sink_count) == (["one\n"], 0)


def test_removed_sink_gets_what_was_logged_before(gate):
    sink = logger.add(gate, format="{message}", async_write=True)
    logger.info("one")
    logger.info("two")
    assert gate.is_inside.wait(LIMIT)
    gate.may_go.set()

    assert logger.remove(sink)

    logger.info("three")
    assert gate.lines == ["one\n", "two\n"]


def test_handler_runs_in_the_background():
    records, threads = [], set()

    class Collector(logging.Handler):
        def emit(self, record):
            records.append(record)
            threads.add(threading.get_ident())

    logger.add(Collector(), async_write=True)
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed", user="ada")

    assert logger.complete(LIMIT)
    (record,) = records
    assert (record.getMessage(), record.user, record.thread) == ("failed", "ada", threading.get_ident())
    assert record.exc_info[0] is ZeroDivisionError
    assert logging.Formatter().format(record).endswith("ZeroDivisionError: division by zero")
    assert threading.get_ident() not in threads


def test_handlers_own_level_and_filter_are_respected():
    handler = standard.Collector(logging.WARNING)
    handler.addFilter(lambda record: record.getMessage() != "no")
    sink = logger.add(handler, async_write=True)
    for text in ("no", "yes"):
        logger.info(text)
        logger.warning(text)

    assert logger.complete(LIMIT)
    assert [record.getMessage() for record in handler.records] == ["yes"]
    assert (logger.sink_info(sink)["written"], logger.sink_info(sink)["filtered"]) == (1, 3)


def test_thread_is_named_after_the_sink():
    names = []

    class Sink:
        def write(self, _line):
            names.append(threading.current_thread().name)

    logger.add(Sink(), async_write=True)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert names == ["logly-sink-Sink"]


def test_logly_sync_writes_by_the_caller(monkeypatch):
    monkeypatch.setenv("LOGLY_SYNC", "1")
    threads = []
    sink = logger.add(lambda _line: threads.append(threading.get_ident()), async_write=True)

    logger.info("hello")

    assert threads == [threading.get_ident()]
    assert logger.sink_info(sink)["async_write"] is False


def test_capture_hides_background_sinks():
    import logly.testing

    lines = []
    logger.add(lines.append, format="{message}", async_write=True)
    with logly.testing.capture() as records:
        logger.info("captured")
    logger.info("after")

    assert logger.complete(LIMIT)
    assert (lines, [record["message"] for record in records]) == (["after\n"], ["captured"])
