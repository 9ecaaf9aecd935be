"""Imports in the middle of a call, a callback, an export or a report: forks of other threads wait for all of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import io, logging, os, signal, sys, threading
from logly import _logly, logger

armed = threading.Event()

def watch(event, arguments):
    if event == "import" and armed.is_set() and not _logly._keeps_forks_waiting():
        frame, places = sys._getframe(1), []
        while frame is not None:
            places.append(f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}")
            frame = frame.f_back
        print(arguments[0], *places, flush=True)

sys.addaudithook(watch)

class Unprintable:
    def __str__(self):
        raise ValueError("unprintable")

class Full:
    def write(self, text):
        raise OSError("full")

def failing(record):
    raise ValueError("callback")

async def waiting(record):
    raise ValueError("coroutine")

logger.configure(console=False, redact=True)
logger.add("stderr", level="ERROR")
logger.add("app.log", rotation="1 KB", compression="gz", retention=2)
logger.add("app.json", json=True, diagnose=True, backtrace=True)
logger.add("filtered.log", filter=lambda record: True, format=failing)
for sink in (Full(), lambda text: None, logging.StreamHandler(io.StringIO())):
    logger.add(sink)
    logger.add(sink, async_write=True)
logger.add("otlp", endpoint="http://127.0.0.1:9/v1/logs")
logger.add("syslog://127.0.0.1:9")
logger.add("syslog+tcp://127.0.0.1:9")
logger.add_callback(failing)
logger.add_callback(waiting)

def raised(code):
    try:
        exec(code)
    except Exception:
        logger.exception("failed")

RAISING = [
    "1 / 0", "undefined", "import os; os.nopen", "import logging; logging.loger", "compile('a b c', 'x', 'exec')",
    "imoprt = compile('imoprt os', 'x', 'exec')", "import sys; raise RuntimeError('x') from ValueError('y')",
    "raise ImportError('no', name='o' * 9)", "from os import pth", "raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'y')",
    *(["raise ExceptionGroup('g', [ValueError(1), TypeError(2)])"] if sys.version_info >= (3, 11) else []),
]

def work():
    armed.set()
    logger.info("{} %s", 1)
    logger.info("{value}", value=Unprintable())
    logger.info("{value!r:>30} {other:%Y}", value={1: object()}, other=2)
    for code in RAISING:
        raised(code)
    logger.opt(stack=True).error("with its stack")
    logger.opt(record=True, colors=True).info("<red>{record[level]}</red>")
    logger.log(33, "level without a name")
    for number in range(200):
        logger.info("line {number}", number=number)
    logger.complete(2)
    logger.stats()
    child = os.fork()
    if child == 0:
        raised("1 / 0")
        logger.complete(2)
        os._exit(0)
    os.waitpid(child, 0)

thread = threading.Thread(target=work)
thread.start()
thread.join()
signal.signal(signal.SIGUSR1, lambda *_: logger.error("in a handler"))
os.kill(os.getpid(), signal.SIGUSR1)
armed.clear()
"""

LAZY = pytest.param(
    ("-X", "lazy_imports=all"),
    id="lazy",
    marks=pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports begin with Python 3.15"),
)


@pytest.mark.parametrize("flags", [pytest.param((), id="eager"), LAZY])
def test_forks_wait_for_every_import(tmp_path: Path, flags: tuple[str, ...]) -> None:
    quiet = ("-W", "ignore:This process:DeprecationWarning")

    result = child.isolated(PROGRAM, *quiet, *flags, folder=tmp_path)

    result.check(stdout="")
    assert "failed" in (tmp_path / "app.json").read_text()
