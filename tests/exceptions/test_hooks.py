"""Uncaught exceptions and warnings, as records."""

from __future__ import annotations

import asyncio
import functools
import gc
import io
import logging
import signal
import sys
import threading
import warnings

import logly
import pytest
from logly import Logger

from tests.support.child import run


@pytest.fixture
def quiet(monkeypatch):
    """Replace the interpreter's hooks by silent ones; give the arguments they are called with."""
    called = []
    for owner, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(owner, name, lambda *arguments: called.append(arguments))
    return called


def end_in_thread(error):
    """End a thread with an exception."""

    def target():
        raise error

    thread = threading.Thread(target=target, name="worker")
    thread.start()
    thread.join(30)


def test_exception_of_a_thread_is_critical_and_has_its_place(quiet, records):
    error = KeyError("lost")

    with logly.install_hooks():
        end_in_thread(error)

    (record,) = records
    assert (record["level"], record["message"]) == ("CRITICAL", "uncaught exception in thread worker")
    assert (record["function"], record["module"], record["exception"].value) == ("target", __name__, error)
    assert len(quiet) == 1


def test_system_exit_of_a_thread_is_no_record(quiet, records):
    with logly.install_hooks():
        end_in_thread(SystemExit(3))

    assert (records, len(quiet)) == ([], 1)


def test_exception_that_python_can_only_report_is_an_error(quiet, records):
    class Broken:
        def __del__(self):
            raise ValueError("too late")

    with logly.install_hooks():
        Broken()
        gc.collect()

    (record,) = records
    assert (record["level"], record["function"]) == ("ERROR", "__del__")
    assert "Broken.__del__" in record["message"]
    assert len(quiet) == 1


def test_exception_of_a_task_that_nobody_asks_for_is_an_error(records, caplog):
    async def fail():
        raise KeyError("lost")

    async def main():
        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()

    with logly.install_hooks():
        asyncio.run(main())

    (record,) = records
    assert (record["level"], record["message"]) == ("ERROR", "Task exception was never retrieved")
    assert (record["function"], repr(record["exception"].value)) == ("fail", "KeyError('lost')")
    assert [entry.name for entry in caplog.records] == ["asyncio"]


def test_exception_of_a_task_is_one_record_beside_the_intercept(records):
    async def main():
        asyncio.get_running_loop().call_exception_handler({"message": "broken", "why": 3})

    with logly.install_hooks(), logly.intercept_logging("INFO"):
        asyncio.run(main())
        logging.getLogger("asyncio").error("later")

    assert [(record["message"], record["level"]) for record in records] == [("broken", "ERROR"), ("later", "ERROR")]
    assert records[0]["why"] == "3"


def test_loops_with_a_handler_of_their_own_keep_it(records):
    seen = []

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: seen.append(context["message"]))
        loop.call_exception_handler({"message": "broken"})

    with logly.install_hooks():
        asyncio.run(main())

    assert (seen, records) == (["broken"], [])


def test_undo_puts_hooks_back():
    before = sys.excepthook, threading.excepthook, sys.unraisablehook, asyncio.BaseEventLoop.default_exception_handler

    hooks = logly.install_hooks()
    during = sys.excepthook, threading.excepthook, sys.unraisablehook, asyncio.BaseEventLoop.default_exception_handler
    hooks.undo()
    hooks.undo()

    after = sys.excepthook, threading.excepthook, sys.unraisablehook, asyncio.BaseEventLoop.default_exception_handler
    assert all(old is not new for old, new in zip(before, during))
    assert before == after


def test_undo_leaves_a_hook_that_came_later(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hooks = logly.install_hooks()
    sys.excepthook = print

    hooks.undo()

    assert sys.excepthook is print


def test_hooks_that_are_undone_in_any_order_log_no_more(quiet, records):
    before = [sys.excepthook, threading.excepthook, sys.unraisablehook]
    first = logly.install_hooks(asyncio=False)
    second = logly.install_hooks(asyncio=False, logger=Logger())

    first.undo()
    end_in_thread(KeyError("lost"))
    second.undo()

    assert records == []
    assert len(quiet) == 1
    assert [sys.excepthook, threading.excepthook, sys.unraisablehook] == before


def test_hook_that_somebody_calls_after_undo_logs_nothing(quiet, records):
    hooks = logly.install_hooks(asyncio=False)
    threading.excepthook = functools.partial(threading.excepthook)

    hooks.undo()
    end_in_thread(KeyError("lost"))

    assert records == []
    assert len(quiet) == 1


def test_installing_twice_gives_one_record(quiet, records):
    with logly.install_hooks(), logly.install_hooks():
        end_in_thread(KeyError("lost"))

    assert len(records) == 1


def test_asyncio_is_left_alone_on_request():
    finished = run("import logly, sys; logly.install_hooks(asyncio=False); print('asyncio' in sys.modules)")

    finished.check(stdout="False\n")


def test_exception_that_ends_the_program_is_in_the_file_before_the_hook_that_was_there(tmp_path):
    program = """
import logly, os, sys
def last(kind, error, traceback):
    os._exit(7)
sys.excepthook = last
logly.logger.configure(console=False)
logly.logger.add(sys.argv[1])
logly.install_hooks()
{}["lost"]
"""

    finished = run(program, tmp_path / "log")

    finished.check(returncode=7)
    text = (tmp_path / "log").read_text()
    assert "CRITICAL | uncaught exception\nTraceback" in text
    assert text.endswith("KeyError: 'lost'\n")


def test_exception_that_ends_the_program_is_printed_as_ever():
    finished = run("import logly; logly.logger.remove(); logly.install_hooks(); 1 / 0")

    finished.check(stdout="", returncode=1)
    assert finished.stderr.endswith("ZeroDivisionError: division by zero\n"), finished.stderr


def test_interrupt_is_no_record():
    finished = run("import logly; logly.install_hooks(); raise KeyboardInterrupt")

    finished.check(returncode=-signal.SIGINT)
    assert "CRITICAL" not in finished.stdout
    assert "KeyboardInterrupt" in finished.stderr, finished.stderr


# Warnings


@pytest.fixture
def _all_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield


@pytest.mark.usefixtures("_all_warnings")
def test_warning_is_a_record_with_its_place(records):
    with logly.capture_warnings():
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    (record,) = records
    assert (record["level"], record["message"], record["category"]) == ("WARNING", "old", "DeprecationWarning")
    assert (record["filename"], record["module"]) == (__file__, __name__)


@pytest.mark.usefixtures("_all_warnings")
def test_warnings_are_shown_as_before_after_undo(records):
    before = warnings.showwarning

    capture = logly.capture_warnings("ERROR")
    warnings.warn("first", stacklevel=1)
    capture.undo()
    capture.undo()

    assert [record["level"] for record in records] == ["ERROR"]
    assert warnings.showwarning is before


@pytest.mark.usefixtures("_all_warnings")
def test_capturing_twice_gives_one_record(records):
    with logly.capture_warnings(), logly.capture_warnings():
        warnings.warn("once", stacklevel=1)

    assert len(records) == 1


def test_captures_that_are_undone_in_any_order_capture_no_more(records):
    before = warnings.showwarning
    first, second = logly.capture_warnings(), logly.capture_warnings()

    first.undo()
    second.undo()

    assert warnings.showwarning is before


def test_warning_of_an_impossible_line_is_a_record(records):
    with logly.capture_warnings():
        warnings.showwarning(UserWarning("old"), UserWarning, "app.py", -1)

    assert [(record["message"], record["line"]) for record in records] == [("old", 0)]


def test_warning_for_a_file_of_the_programs_goes_there(records, monkeypatch):
    shown = []
    monkeypatch.setattr(warnings, "showwarning", lambda *arguments: shown.append(arguments))
    file = io.StringIO()

    with logly.capture_warnings():
        warnings.showwarning("odd", UserWarning, "/x.py", 3, file)

    assert (shown, records) == ([("odd", UserWarning, "/x.py", 3, file, None)], [])


def test_unknown_level_of_warnings_is_refused():
    before = warnings.showwarning

    with pytest.raises(ValueError, match="level: expected one of the levels"):
        logly.capture_warnings("LOUD")

    assert warnings.showwarning is before
