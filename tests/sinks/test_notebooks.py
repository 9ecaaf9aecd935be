"""Notebooks: lines appear below the cell that logs, in colour, with IPython's own shell and a kernel-like stream."""

from __future__ import annotations

import contextvars
import io
import sys
import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from logly import logger

CELL = contextvars.ContextVar("CELL", default="none")
"""The running cell; kernels know it by the header of the message that started it."""


class OutStream(io.TextIOBase):
    """A stream like a kernel's: not a terminal, and each flush sends its text to the running cell or the last one."""

    __module__ = "ipykernel.iostream"
    encoding = "UTF-8"

    def __init__(self, take_over):
        self.take_over = take_over
        self.cells = {}
        self.last = "none"
        self._pending = ""

    def write(self, text):
        self._pending += text
        return len(text)

    def flush(self):
        cell = CELL.get() if CELL.get() != "none" else self.last
        self.cells[cell] = self.cells.get(cell, "") + self._pending
        self._pending = ""

    def begin(self, cell):
        self.take_over(self)
        CELL.set(cell)
        self.last = cell


@pytest.fixture
def stream(xterm, monkeypatch):
    logger.configure(show_time=False)
    yield OutStream(lambda stream: monkeypatch.setattr(sys, "stdout", stream))
    CELL.set("none")


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))  # IPython warns when its folder in the home is not writable.
    made = InteractiveShell.instance()
    yield made
    InteractiveShell.clear_instance()


def test_lines_below_a_cell_are_coloured(stream):
    stream.begin("first")

    logger.info("hello")

    assert stream.cells == {"first": "\x1b[1mINFO\x1b[0m | hello\n"}


def test_each_cell_gets_its_own_lines(stream):
    for cell in ("first", "second"):
        stream.begin(cell)
        logger.configure(color=False)
        logger.info("in the {cell} cell", cell=cell)

    assert stream.cells == {"first": "INFO | in the first cell\n", "second": "INFO | in the second cell\n"}


def test_line_of_another_thread_goes_below_the_cell_it_was_started_in_where_the_context_says_so(stream):
    logger.configure(color=False)
    stream.begin("first")
    may_log = threading.Event()
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(lambda: (may_log.wait(60), logger.info("late")),))
    thread.start()
    stream.begin("second")

    may_log.set()
    thread.join(60)

    assert stream.cells == {"first": "INFO | late\n"}


@pytest.mark.parametrize("background", [False, True], ids=["thread", "background"])
def test_line_of_a_thread_without_a_cell_goes_below_the_last(background, stream):
    logger.configure(color=False)
    logger.add("console", async_write=background)
    stream.begin("first")
    stream.begin("second")

    thread = threading.Thread(target=logger.info, args=("late",))
    thread.start()
    thread.join(60)
    logger.complete()

    assert stream.cells == {"second": "INFO | late\n"}


def test_automatic_format_is_text_there(stream):
    logger.add("console", format="auto", color=False)
    stream.begin("first")

    logger.info("hello")

    assert stream.cells == {"first": "INFO | hello\n"}


def test_shell_runs_a_cell_that_logs(shell, capsys):
    logger.configure(show_time=False)

    result = shell.run_cell("from logly import logger\nlogger.info('from the cell', n=1)")

    assert result.success
    assert capsys.readouterr().out == "INFO | from the cell n=1\n"


def test_captured_output_of_a_cell_has_its_lines(shell, capsys):
    logger.configure(show_time=False)
    with capture_output() as captured:
        shell.run_cell("from logly import logger\nlogger.info('captured')")

    logger.info("shown")

    assert (captured.stdout, capsys.readouterr().out) == ("INFO | captured\n", "INFO | shown\n")


def test_magic_that_captures_a_cell_has_its_lines(shell, capsys):
    logger.configure(show_time=False)

    shell.run_cell("%%capture out\nfrom logly import logger\nlogger.info('captured')")

    assert (shell.user_ns["out"].stdout, capsys.readouterr().out) == ("INFO | captured\n", "")


def test_module_of_a_cell_is_the_main_one(shell, capsys):
    logger.add("console", format="{module}:{function} {message}")

    shell.run_cell("from logly import logger\ndef work(): logger.info('here')\nwork()")

    assert capsys.readouterr().out == "__main__:work here\n"


def test_cell_that_closes_its_stream_costs_no_later_line(monkeypatch, capsys):
    logger.configure(show_time=False)
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    logger.info("lost")
    monkeypatch.undo()

    logger.info("shown")

    assert capsys.readouterr().out == "INFO | shown\n"
