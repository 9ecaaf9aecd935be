"""Daemon threads that run Python code inside logging calls at the very end: none of them crashes the process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import run

if TYPE_CHECKING:
    from pathlib import Path

WORK = {
    "patchers": ("a = logger.patch(lambda record: record['extra'].update(x=1))", "a.info('m')"),
    "messages with their record": ("a = logger.opt(record=True)", "a.info('{record[level]}')"),
    "stacks": ("a = logger.opt(stack=True)", "a.info('m')"),
    "lazy values": ("a = logger.opt(lazy=True)", "a.info('{}', lambda: sum(range(50)))"),
    "diagnosed tracebacks": ("logger.add('diagnosed.log', diagnose=True)", "logger.opt(exception=failed()).error('m')"),
    "special tracebacks": ("", "logger.opt(exception=ExceptionGroup('g', [failed()])).error('m')"),
    "values": ("a = Shown()", "logger.info('m', a=a)"),
    "caught exceptions": ("a = logger.catch(failing)", "a()"),
    "bound loggers": ("", "logger.bind(a=Shown())"),
    "loggers bound no more": ("", "logger.bind(a=Shown()).unbind('a')"),
    "contexts": ("", "logger.contextualize(a=Shown()).__enter__()"),
    "settings": ("", "logger.configure(level='DEBUG', extra={'a': Shown()})"),
    "callbacks": ("", "logger.remove_callback(logger.add_callback(print))"),
    "sinks": ("", "logger.remove(logger.add(print))"),
    "files": ("", "logger.remove(logger.add('other.log'))"),
    "waits": ("", "logger.complete()"),
    "counts": ("", "logger.stats()"),
    "options": ("", "logger.opt(depth=1).patch(print)"),
    "pickled loggers": ("import pickle", "pickle.loads(pickle.dumps(logger.bind(a=1)))"),
    "levels by name": ("", "logger.log('INFO', 'm')"),
    "saved states": ("import logly.testing", "with logly.testing.capture(): pass"),
    "colours of a console in the background": (
        "logger.configure(color_callback=Shown.colored); logger.add('stdout', color=True, async_write=True)",
        "logger.info('m')",
    ),
    "finalizers within calls": ("gc.set_threshold(1)", "Finalized(); logger.info('m')"),
    "last references": (
        "loggers = queue.SimpleQueue()\nthreading.Thread(target=bind_for, args=(loggers,), daemon=True).start()",
        "loggers.get()",
    ),
}
ATTEMPTS = 3


@pytest.mark.parametrize("attempt", range(ATTEMPTS))
@pytest.mark.parametrize("kind", WORK)
def test_python_code_below_calls_of_daemon_threads_does_no_harm(tmp_path: Path, kind: str, attempt: int) -> None:
    if kind == "special tracebacks" and sys.version_info < (3, 11):
        pytest.skip("exception groups came with Python 3.11")
    before, call = WORK[kind]
    before = before.replace("\n", "\n        ")

    result = run(
        tmp_path,
        f"""
        import gc, queue, threading
        from logly import logger
        class Shown:
            def __str__(self):
                return str(sum(range(50)))
            def colored(level, text):
                return str(sum(range(5_000)))
        class Finalized:
            def __init__(self):
                self.cycle = self
            def __del__(self):
                sum(range(50))
        def bind_for(others):
            while True:
                others.put(logger.bind(a=Finalized()))
        def failing():
            1 / 0
        def failed():
            try:
                failing()
            except ZeroDivisionError as error:
                return error
        logger.remove_all()
        logger.add("app.log", overflow="drop_new")
        {before}
        started = threading.Barrier(5)
        def work():
            started.wait()
            while True:
                {call}
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        """,
    )

    # Records that could not be written in time are reported on standard error.
    lines = [line for line in result.stderr.splitlines() if not line.startswith("logly: ")]
    result.check(note=f"attempt {attempt}")
    assert lines == [], result.stderr
