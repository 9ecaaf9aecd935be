"""Programs that set a small stack for their threads: logly's threads have enough, and the program's setting stays."""

from __future__ import annotations

import pytest

from tests.support.child import output

BEGIN = """
import asyncio, sys, threading, time
from logly import logger
logger.configure(console=False)
SMALLEST = 32768 if sys.version_info < (3, 14) else 53248
threading.stack_size(SMALLEST)
limit = 400
def deep(left):
    # Through C, so that each step takes the stack of the thread.
    return max(map(deep, [left - 1])) if left else 0
"""
SINKS = {
    "function": "logger.add(lambda line: print(deep(limit), line, end=''), format='{message}', async_write=True)",
    "callback": "logger.add_callback(lambda record: print(deep(limit), record['message']))",
    "coroutine": """
async def sink(line):
    print(deep(limit), line, end='')
logger.add(sink, format='{message}')
""",
    "executor": """
async def sink(line):
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, deep, limit), line, end='')
logger.add(sink, format='{message}')
""",
}


@pytest.mark.parametrize("sink", SINKS)
def test_threads_of_logly_have_enough_stack(sink: str) -> None:
    end = "logger.info('one')\nlogger.complete()\nprint(threading.stack_size() == SMALLEST)"

    shown = output(f"{BEGIN}{SINKS[sink]}\n{end}")

    assert shown == "0 one\nTrue\n"


def test_signal_handler_that_adds_a_sink_while_a_thread_starts_hangs_nothing() -> None:
    shown = output(
        f"""{BEGIN}
import signal
from logly._lanes import threads
signal.signal(signal.SIGALRM, lambda *_: logger.add(print, async_write=True, format="{{message}}"))
with threads.roomy_stack():
    signal.raise_signal(signal.SIGALRM)
logger.info("one")
logger.complete()
print(threading.stack_size() == SMALLEST)
"""
    )

    assert shown.split() == ["one", "True"]
