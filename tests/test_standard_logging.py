"""Records of `logging` that come to logly, and records of logly that go there."""

from __future__ import annotations

import json
import logging
import logging.config
import logging.handlers
import os
import queue
import threading

import logly
import logly.testing
import pytest
from logly import Logger, logger

from tests.child import run


@pytest.fixture(autouse=True)
def _standard_loggers():
    """Leave `logging` as it was."""
    before = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = before
    for name in ("app", "app.db", "apart"):
        known = logging.getLogger(name)
        known.handlers.clear()
        known.setLevel(logging.NOTSET)
        known.propagate = True


@pytest.fixture
def intercepted(records):
    """Give the records while `logging` is intercepted."""
    with logly.intercept_logging():
        yield records


class Collector(logging.Handler):
    """A handler that keeps its records."""

    def __init__(self, level=logging.NOTSET):
        super().__init__(level)
        self.records = []

    def emit(self, record):
        """Keep one."""
        self.records.append(record)


def test_record_says_what_the_record_of_logging_said(intercepted):
    logging.getLogger("app.db").warning("%d of %s", 3, "four")

    (record,) = intercepted
    assert (record["message"], record["level"], record["name"]) == ("3 of four", "WARNING", "app.db")
    here = "test_record_says_what_the_record_of_logging_said"
    assert (record["filename"], record["function"]) == (__file__, here)
    assert record["line"] == test_record_says_what_the_record_of_logging_said.__code__.co_firstlineno + 1


def test_extra_becomes_fields_and_nothing_else_does(intercepted):
    logging.getLogger("app").info("hello", extra={"user": "ada", "items": [1, 2]})

    assert intercepted[0]["extra"] == {"user": "ada", "items": [1, 2]}


def test_braces_of_the_message_stay_as_they_are(intercepted):
    logging.getLogger("app").info("{user} {}", extra={"user": "ada"})

    assert intercepted[0]["message"] == "{user} {}"


def test_exception_comes_along(intercepted):
    try:
        raise KeyError("lost")
    except KeyError as error:
        raised = error
        logging.getLogger("app").exception("failed")

    assert intercepted[0]["exception"].value is raised


def test_stack_comes_along_as_a_field(intercepted):
    logging.getLogger("app").info("here", stack_info=True)

    assert intercepted[0]["stack_info"].startswith("Stack (most recent call last):")


def test_number_without_a_name_stays_a_number(intercepted):
    logging.getLogger("app").log(17, "between")

    assert (intercepted[0]["level"].no, intercepted[0]["level"]) == (17, "Level 17")


def test_number_beyond_any_level_is_taken(intercepted):
    logging.getLogger("app").log(2**40, "far")

    assert intercepted[0]["level"].no == 2**31 - 1


def test_level_of_logly_is_found_by_its_number(intercepted):
    logging.getLogger("app").log(25, "done")

    assert intercepted[0]["level"] == "SUCCESS"


def test_thread_time_and_process_are_those_of_the_record(intercepted):
    made = logging.makeLogRecord({"msg": "far", "name": "app", "thread": 7, "threadName": "worker", "levelno": 20,
                                  "process": 42, "processName": "Child", "created": 1.5})  # fmt: skip

    logging.getLogger("app").handle(made)

    (record,) = intercepted
    assert (record["thread"].id, record["thread"].name) == (7, "worker")
    assert (record["process"].id, record["process"].name) == (42, "Child")
    assert record["timestamp"] == "1970-01-01T00:00:01.500Z"


def test_json_lines_have_process_and_thread_of_the_record(tmp_path, no_console):
    logger.add(tmp_path / "log", json=True, format="{process}{thread}{message}{level}")
    made = logging.makeLogRecord({"msg": "far", "thread": 7, "levelno": 20, "process": 42})

    logly.LoglyHandler().handle(made)
    logger.complete()

    line = json.loads((tmp_path / "log").read_text())
    assert (line["process"], line["thread"]) == (42, 7)


def test_text_of_an_exception_from_elsewhere_is_shown(tmp_path, no_console):
    logger.add(tmp_path / "log", json=True)
    text = "Traceback (most recent call last):\napp.Error: it: broke"

    logly.LoglyHandler().handle(logging.makeLogRecord({"msg": "m", "levelno": 40, "exc_text": text}))
    logger.complete()

    error = json.loads((tmp_path / "log").read_text())["exception"]
    assert (error["type"], error["module"], error["message"]) == ("Error", "app", "it: broke")


def test_arguments_that_do_not_fit_lose_no_record(records, capsys):
    logly.LoglyHandler().handle(logging.makeLogRecord({"msg": "%d items", "args": ("three",), "levelno": 20}))

    assert (records[0]["message"], records[0]["args"]) == ("%d items", ("three",))
    assert "--- Logging error ---" in capsys.readouterr().err


def test_bound_fields_of_the_logger_are_added(records):
    handler = logly.LoglyHandler(logger=logger.bind(service="shop"))

    handler.handle(logging.makeLogRecord({"msg": "m", "levelno": 20}))

    assert records[0]["extra"] == {"service": "shop"}


def test_context_is_added(intercepted):
    with logger.contextualize(request="r-1"):
        logging.getLogger("app").info("hello", extra={"request": "own"})
        logging.getLogger("app").info("hello")

    assert [record["request"] for record in intercepted] == ["own", "r-1"]


def test_modules_that_are_off_are_so_for_records_of_logging(text):
    logger.disable("app.db")
    with logly.intercept_logging():
        logging.getLogger("app.db.pool").info("no")
        logging.getLogger("app").info("yes")

    assert text.lines == ["yes"]


def test_filter_by_module_looks_at_the_name_of_the_logger(no_console):
    lines = []
    logger.add(lines.append, filter={"app": "ERROR", "": "TRACE"}, format="{message}")

    with logly.intercept_logging():
        logging.getLogger("app.db").warning("no")
        logging.getLogger("other").warning("yes")

    assert lines == ["yes\n"]


def test_callbacks_get_records_of_logging(no_console):
    seen = []
    logger.add_callback(seen.append)

    with logly.intercept_logging():
        logging.getLogger("app").info("hello", extra={"user": "ada"})
    logger.complete()

    assert [(record["message"], record["module"], record["user"]) for record in seen] == [("hello", "app", "ada")]


def test_value_that_cannot_be_shown_is_marked(text):
    class Broken:
        def __str__(self):
            raise RuntimeError

        __repr__ = __str__

    with logly.intercept_logging():
        logging.getLogger("app").info("hello", extra={"it": Broken()})

    assert text.lines == ['hello it="<unprintable Broken: RuntimeError>"']


# Interception


def test_undo_restores_handlers_and_level():
    own = Collector()
    logging.root.handlers[:] = [own]
    logging.root.setLevel(33)

    interception = logly.intercept_logging("INFO")
    between = [type(handler) for handler in logging.root.handlers], logging.root.level
    interception.undo()
    interception.undo()

    assert between == ([logly.LoglyHandler], 20)
    assert (logging.root.handlers, logging.root.level) == ([own], 33)


def test_undo_keeps_what_others_added():
    interception = logly.intercept_logging()
    late = Collector()
    logging.root.addHandler(late)

    interception.undo()

    assert late in logging.root.handlers


def test_intercepting_twice_gives_each_record_once(records):
    with logly.intercept_logging(), logly.intercept_logging():
        logging.getLogger("app").info("once")

    assert [record["message"] for record in records] == ["once"]


def test_level_spares_records_below_it(records):
    with logly.intercept_logging("WARNING"):
        logging.getLogger("app").info("no")
        logging.getLogger("app").warning("yes")

    assert [record["message"] for record in records] == ["yes"]


def test_logger_apart_from_the_root_is_intercepted_with_its_own_level(records):
    apart, own = logging.getLogger("apart"), Collector()
    apart.propagate, apart.handlers = False, [own]
    apart.setLevel(logging.WARNING)

    with logly.intercept_logging():
        apart.info("no")
        apart.error("yes")

    assert [record["message"] for record in records] == ["yes"]
    assert (own.records, apart.handlers, apart.propagate) == ([], [own], False)


def test_named_loggers_alone_are_intercepted(records):
    root = Collector()
    logging.root.addHandler(root)

    with logly.intercept_logging(loggers=["app"]):
        logging.getLogger("app.db").debug("taken")
        logging.getLogger("apart").error("left")

    assert [record["message"] for record in records] == ["taken"]
    assert [record.getMessage() for record in root.records] == ["left"]
    assert logging.getLogger("app").propagate


def test_name_of_no_logger_is_refused():
    with pytest.raises(TypeError, match="loggers: expected names"):
        logly.intercept_logging(loggers=["app", 3])


def test_unknown_level_is_refused_before_anything_changes():
    before = logging.root.handlers[:]

    with pytest.raises(ValueError, match='did you mean "WARNING"'):
        logly.intercept_logging("WARNNG")

    assert logging.root.handlers == before


def test_independent_logger_gets_the_records(records):
    audit = Logger()

    with logly.testing.capture(logger=audit) as own, logly.intercept_logging(logger=audit):
        logging.getLogger("app").info("hello")

    assert (len(own), len(records)) == (1, 0)


# The handler


def test_dict_config_knows_the_handler(records):
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"logly": {"class": "logly.LoglyHandler", "level": "WARNING"}},
            "loggers": {"app": {"handlers": ["logly"], "level": "DEBUG"}},
        }
    )

    logging.getLogger("app").info("no")
    logging.getLogger("app").error("yes")

    assert [record["message"] for record in records] == ["yes"]


def test_formatter_makes_the_message(records):
    handler = logly.LoglyHandler()
    handler.setFormatter(logging.Formatter("%(name)s says %(message)s"))
    error = KeyError("lost")

    handler.handle(logging.makeLogRecord({"msg": "hello", "name": "app", "exc_info": (KeyError, error, None)}))

    assert (records[0]["message"], records[0]["exception"].value) == ("app says hello", error)


def test_filter_of_the_handler_decides(records):
    handler = logly.LoglyHandler()
    handler.addFilter(lambda record: record.getMessage() != "no")

    for message in ("no", "yes"):
        handler.handle(logging.makeLogRecord({"msg": message, "levelno": 20}))

    assert [record["message"] for record in records] == ["yes"]


def test_queue_listener_gives_records_of_other_threads(records):
    waiting = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(waiting, logly.LoglyHandler())
    app = logging.getLogger("app")
    app.addHandler(logging.handlers.QueueHandler(waiting))
    app.propagate = False

    listener.start()
    app.error("from here")
    listener.stop()

    assert (records[0]["message"], records[0]["thread"].id) == ("from here", threading.get_ident())


def test_logging_is_not_imported_with_logly():
    finished = run("import sys, logly; print('logging' in sys.modules, 'logging' in sys.modules or logly.LoglyHandler)")

    assert finished.stdout.startswith("False <class")


# To `logging`


def test_record_goes_to_the_logger_of_its_module():
    logger.remove_all()
    collector = Collector()
    logging.getLogger(__name__).addHandler(collector)
    logger.add("logging", level="TRACE")

    logger.warning("hello", user="ada")
    logging.getLogger(__name__).removeHandler(collector)

    (record,) = collector.records
    assert (record.getMessage(), record.name, record.user, record.levelname) == ("hello", __name__, "ada", "WARNING")


def test_record_goes_to_the_logger_that_is_named():
    logger.remove_all()
    collector = Collector()
    logging.getLogger("app").addHandler(collector)
    sink = logger.add("logging:app.db")

    logger.warning("hello")

    assert [record.name for record in collector.records] == ["app.db"]
    assert (logger.sink_info(sink)["kind"], logger.sink_info(sink)["name"]) == ("handler", "logging:app.db")


def test_level_of_the_logger_holds():
    logger.remove_all()
    collector = Collector()
    logging.getLogger("app").addHandler(collector)
    logging.getLogger("app").setLevel(logging.ERROR)
    sink = logger.add("logging:app")

    logger.warning("hello")

    assert (collector.records, logger.stats()["sinks"][sink]["filtered"]) == ([], 1)


def test_logger_without_a_name_is_refused():
    with pytest.raises(ValueError, match='sink: expected a logger\'s name behind "logging:"'):
        logger.add("logging:")


def test_caplog_sees_records_that_go_to_logging(caplog):
    logger.remove_all()
    logger.add("logging")

    logger.warning("hello")

    assert caplog.messages == ["hello"]


# No loops


def count_lines(setup):
    """Return the lines that each of two records, one of logly and one of logging, becomes."""
    lines = []
    logger.remove_all()
    logger.add(lines.append, format="{message}")
    logging.root.setLevel(0)
    with_undo = setup()
    logger.info("ours")
    logging.getLogger("app").info("theirs")
    logger.complete()
    if with_undo is not None:
        with_undo.undo()
    return sorted(lines)


def _both_ways():
    logger.add("logging")
    return logly.intercept_logging()


def _handler_of_its_own():
    logger.add(logly.LoglyHandler())
    return logly.intercept_logging()


def _both_ways_in_the_background():
    logger.add("logging", async_write=True)
    return logly.intercept_logging()


def _handler_beside_another():
    logging.root.addHandler(logly.LoglyHandler())
    logging.root.addHandler(logly.LoglyHandler(logger=Logger()))
    logger.add("logging:app")


def _by_a_second_logger():
    other = Logger()
    other.remove_all()
    other.add(logly.LoglyHandler())
    logger.add(logly.LoglyHandler(logger=other))
    return logly.intercept_logging()


@pytest.mark.parametrize(
    "setup",
    [_both_ways, _handler_of_its_own, _both_ways_in_the_background, _handler_beside_another, _by_a_second_logger],
)
def test_record_comes_once_however_the_two_are_joined(setup, capsys):
    assert count_lines(setup) == ["ours\n", "theirs\n"]


def test_record_does_not_come_back_by_a_queue():
    lines = []
    logger.remove_all()
    logger.add(lines.append, format="{message}")
    waiting = queue.SimpleQueue()
    logger.add(logging.handlers.QueueHandler(waiting))
    listener = logging.handlers.QueueListener(waiting, logly.LoglyHandler())

    listener.start()
    logger.info("ours")
    listener.stop()

    assert lines == ["ours\n"]


def test_record_of_another_process_is_taken(records):
    mark = f"{os.getpid() + 1}:0"

    logly.LoglyHandler().handle(logging.makeLogRecord({"msg": "far", "levelno": 20, "_logly_trail": mark}))

    assert [record["message"] for record in records] == ["far"]


def test_records_of_a_second_logger_reach_the_first_by_logging(records):
    other = Logger()
    other.remove_all()
    other.add("logging")

    with logly.intercept_logging():
        other.info("hello")

    assert [record["message"] for record in records] == ["hello"]


def test_threads_that_log_both_ways_do_not_wait_for_each_other():
    seen = []
    logger.remove_all()
    logger.add(seen.append, format="{message}")
    logger.add("logging")

    def theirs():
        for _ in range(500):
            logging.getLogger("app").warning("theirs")

    def ours():
        for _ in range(500):
            logger.warning("ours")

    with logly.intercept_logging():
        threads = [threading.Thread(target=target) for target in (theirs, ours) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert (seen.count("ours\n"), seen.count("theirs\n")) == (1000, 1000)
