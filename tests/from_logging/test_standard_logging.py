"""Records of `logging` that go to logly, and records of logly that go to `logging`."""

from __future__ import annotations

import json
import logging
import logging.config
import logging.handlers
import queue
import threading

import logly
import logly.integrations.uvicorn
import logly.testing
import pytest
from logly import logger
from logly.integrations.logging import SIEVES

from tests.support.child import run


@pytest.fixture
def intercepted(records):
    """Give the records while `logging` is intercepted."""
    with logly.intercept_logging():
        yield records


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


def test_what_uvicorn_gives_its_own_formatter_is_no_field(intercepted):
    logging.getLogger("uvicorn.error").info("Started [%d]", 1, extra={"color_message": "Started [\x1b[36m%d\x1b[0m]"})
    logging.getLogger("app").info("painted", extra={"color_message": "red"})

    assert [record["extra"] for record in intercepted] == [{}, {"color_message": "red"}]


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


def test_stack_comes_along(tmp_path, no_console):
    logger.add(tmp_path / "text", format="{message}")
    logger.add(tmp_path / "json", json=True)

    with logly.intercept_logging():
        logging.getLogger("app").info("here", stack_info=True)
    logger.complete()

    frame = json.loads((tmp_path / "json").read_text())["stack"][-1]
    assert (tmp_path / "text").read_text().startswith("here\nStack (most recent call last):\n  File ")
    assert (frame["function"], frame["file"]) == ("test_stack_comes_along", __file__)
    assert frame["code"].startswith("logging.getLogger")


def test_patchers_change_records_of_logging(records):
    logger.configure(patcher=lambda record: record["extra"].update(patched=True))
    handler = logly.LoglyHandler(logger=logger.patch(lambda record: record.update(message="new")))

    handler.handle(logging.makeLogRecord({"msg": "old", "levelno": 20, "name": "app", "process": 42}))

    (record,) = records
    assert (record["message"], record["patched"], record["name"]) == ("new", True, "app")
    assert record["process"].id == 42


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


class Hostile:
    """A value whose conversions all raise an error."""

    def __str__(self):
        raise ValueError

    __repr__ = __bool__ = __int__ = __float__ = __str__


PARTS = """created thread threadName process processName lineno pathname funcName name taskName stack_info
exc_text exc_info msg args"""
VALUES = [None, float("nan"), float("inf"), "abc", -1, 2**70, 1.5, b"x", [1], (1,), (1, 2, 3), {}, Hostile(), object()]


@pytest.mark.parametrize("part", PARTS.split())
@pytest.mark.parametrize("value", VALUES, ids=map(str, range(len(VALUES))))
def test_records_of_elsewhere_may_hold_anything(records, monkeypatch, part, value):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    given = logging.makeLogRecord({"msg": "hello", "levelno": 20, "name": "app", part: value})

    logly.LoglyHandler().handle(given)

    assert [record["level"] for record in records] == ["INFO"]


def test_argument_whose_text_recurses_without_end_loses_no_record(records):
    class Endless:
        def __str__(self):
            return str(self)

        __repr__ = __str__

    given = logging.makeLogRecord({"msg": "%s is here", "args": (Endless(),), "levelno": 30})

    logly.LoglyHandler().handle(given)

    assert [record["message"] for record in records] == ["%s is here"]


def test_bound_fields_of_the_logger_are_added(records):
    handler = logly.LoglyHandler(logger=logger.bind(service="shop"))

    handler.handle(logging.makeLogRecord({"msg": "m", "levelno": 20}))

    assert records[0]["extra"] == {"service": "shop"}


def test_records_without_a_name_are_taken_beside_frameworks_too(records, monkeypatch):
    monkeypatch.setitem(SIEVES, "framework", lambda record: None)

    logly.LoglyHandler().handle(logging.makeLogRecord({"msg": "m", "levelno": 20}))

    assert records[0]["extra"] == {}


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

    assert finished.check().stdout.startswith("False <class")
