"""Levels of logly in handlers of `logging` that know five levels."""

from __future__ import annotations

import logging
import logging.handlers
import queue
import socket
import sys
import types

import logly
import pytest
from logly import logger

from tests.support import standard

SEVERITIES = {
    "TRACE": "debug", "DEBUG": "debug", "INFO": "info", "NOTICE": "notice", "SUCCESS": "info", "WARNING": "warning",
    "ERROR": "err", "FAIL": "err", "CRITICAL": "crit",
}  # fmt: skip
CODES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


@pytest.fixture(autouse=True)
def _as_before():
    known = dict(logging.handlers.SysLogHandler.priority_map)
    logger.remove_all()
    with standard.restored():
        yield
    logging.handlers.SysLogHandler.priority_map.clear()
    logging.handlers.SysLogHandler.priority_map.update(known)


@pytest.fixture
def server():
    """Give a socket that a `SysLogHandler` sends to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(30)
        yield made


@pytest.fixture
def syslog(server):
    """Give a handler that sends to the socket."""
    made = logging.handlers.SysLogHandler(server.getsockname())
    yield made
    made.close()


def sent(server):
    """Return the severity of the next datagram, and its text."""
    priority, _, text = server.recv(4096).decode().partition(">")
    number = int(priority[1:]) & 7
    return CODES[number], text.rstrip("\0")


@pytest.mark.parametrize(("level", "severity"), SEVERITIES.items())
def test_level_has_the_severity_of_its_number(server, syslog, level, severity):
    syslog.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.add(syslog, level="TRACE")

    logger.log(level, "hello")

    assert sent(server) == (severity, f"{level} hello")


@pytest.mark.parametrize(
    ("number", "severity"), [(1, "debug"), (21, "info"), (35, "warning"), (49, "err"), (99, "crit")]
)
def test_level_of_the_programs_goes_by_its_number(server, syslog, number, severity):
    logger.level(f"OWN{number}", no=number)
    logger.add(syslog, level=1)

    logger.log(f"OWN{number}", "by name")

    assert sent(server) == (severity, "by name")


def test_number_without_a_name_goes_by_itself(server, syslog):
    logger.add(syslog, level="TRACE")

    with logly.intercept_logging():
        logging.getLogger("app").log(41, "hello")

    assert sent(server) == ("err", "hello")


def test_map_of_the_programs_holds(server, syslog):
    syslog.priority_map = {"FAIL": "alert"}
    logger.add(syslog)

    logger.fail("hello")

    assert sent(server)[0] == "alert"


def test_map_that_cannot_be_changed_stays(server, syslog):
    syslog.priority_map = types.MappingProxyType({"INFO": "info"})
    logger.add(syslog)

    logger.fail("hello")

    assert sent(server)[0] == "warning"


def test_class_of_the_programs_that_maps_itself_holds(server):
    class Own(logging.handlers.SysLogHandler):
        def mapPriority(self, levelName):  # noqa: N802, N803 - the standard library's names
            return "emerg" if levelName == "FAIL" else super().mapPriority(levelName)

    handler = Own(server.getsockname())
    logger.add(handler)

    logger.fail("hello")
    logger.success("fine")
    handler.close()

    assert [sent(server)[0], sent(server)[0]] == ["emerg", "info"]


def test_handler_behind_a_logger_of_logging_knows_levels_too(server, syslog):
    logging.getLogger("app").addHandler(syslog)
    logging.getLogger("app").propagate = False
    logging.getLogger("app").setLevel(1)
    logger.add("logging:app", level="TRACE")

    logger.notice("hello")

    assert sent(server) == ("notice", "hello")


def test_handler_behind_a_queue_knows_levels_too(server, syslog):
    waiting = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(waiting, syslog)
    logger.add(logging.handlers.QueueHandler(waiting))

    listener.start()
    logger.success("hello")
    listener.stop()

    assert sent(server) == ("info", "hello")


def test_handler_behind_a_memory_handler_knows_levels_too(server, syslog):
    logger.add(logging.handlers.MemoryHandler(1, target=syslog))

    logger.notice("hello")

    assert sent(server) == ("notice", "hello")


def test_handler_in_the_background_knows_levels_too(server, syslog):
    logger.add(syslog, async_write=True)

    logger.success("hello")

    assert sent(server) == ("info", "hello")


@pytest.fixture
def event_log(monkeypatch):
    """Give a handler for the event log of Windows, and the types of the events that it reports."""
    reported = []
    utilities, events = types.ModuleType("win32evtlogutil"), types.ModuleType("win32evtlog")
    # From Python 3.15 on, the handler calls Windows without pywin32.
    windows = types.ModuleType("_winapi")
    windows.EVENTLOG_INFORMATION_TYPE, windows.EVENTLOG_WARNING_TYPE = "info", "warning"
    windows.EVENTLOG_ERROR_TYPE = "error"
    windows.RegisterEventSource = windows.DeregisterEventSource = lambda *_: None
    windows.ReportEvent = lambda _handle, kind, _category, _id, _message: reported.append(kind)
    monkeypatch.setitem(sys.modules, "_winapi", windows)
    monkeypatch.setattr(logging.handlers.NTEventLogHandler, "_add_source_to_registry", lambda *_: None, raising=False)
    events.EVENTLOG_INFORMATION_TYPE, events.EVENTLOG_WARNING_TYPE, events.EVENTLOG_ERROR_TYPE = (
        "info",
        "warning",
        "error",
    )
    utilities.AddSourceToRegistry = lambda *_: None
    utilities.ReportEvent = lambda _name, _id, _category, kind, _strings: reported.append(kind)
    monkeypatch.setitem(sys.modules, "win32evtlogutil", utilities)
    monkeypatch.setitem(sys.modules, "win32evtlog", events)
    monkeypatch.setitem(sys.modules, "win32api", types.ModuleType("win32api"))
    monkeypatch.setitem(sys.modules, "winerror", types.ModuleType("winerror"))
    handler = logging.handlers.NTEventLogHandler("app", dllname="none.dll")
    return handler, reported


def test_event_log_gets_the_type_below_each_number(event_log):
    handler, reported = event_log
    logger.add(handler, level="TRACE")

    for level in SEVERITIES:
        logger.log(level, "hello")

    assert reported == ["info"] * 5 + ["warning"] + ["error"] * 3
