"""Coroutine functions as sinks: on logly's own event loop, or on the program's."""

from __future__ import annotations

import asyncio
import functools
import threading

import pytest
from logly import logger

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a hanging call fails its test."""


class Collector:
    """Coroutine functions of all kinds that keep lines, and the loops and threads that they ran in."""

    def __init__(self):
        self.lines = []
        self.loops = set()
        self.threads = set()

    async def method(self, line):
        """Keep the line."""
        await asyncio.sleep(0)
        self.lines.append(line)
        self.loops.add(asyncio.get_running_loop())
        self.threads.add(threading.current_thread().name)

    async def __call__(self, line):
        """Keep the line."""
        await self.method(line)


@pytest.fixture
def collector():
    """Give one."""
    return Collector()


def as_function(collector):
    async def sink(line):
        await collector.method(line)

    return sink


def as_method(collector):
    return collector.method


def as_object(collector):
    return collector


def as_partial(collector):
    return functools.partial(functools.partial(collector.method))


@pytest.mark.parametrize("make", [as_function, as_method, as_object, as_partial])
def test_coroutine_function_is_awaited_on_loglys_own_loop(make, collector):
    logger.add(make(collector), format="{message}")
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert collector.lines == ["hello\n"]
    assert collector.threads == {"logly-loop"}


def test_lines_come_one_at_a_time_and_in_order():
    lines, inside = [], []

    async def sink(line):
        inside.append(line)
        await asyncio.sleep(0)
        assert inside == [line]
        inside.clear()
        lines.append(line)

    logger.add(sink, format="{message}")
    for number in range(1_000):
        logger.info(str(number))

    assert logger.complete(LIMIT)
    assert lines == [f"{number}\n" for number in range(1_000)]


def test_several_run_side_by_side():
    met = []

    # The event is created in the loop: in Python 3.9 an event belongs to the loop that creates it.
    @functools.lru_cache
    def event(_name):
        return asyncio.Event()

    def make(own, other):
        async def sink(line):
            event(own).set()
            await asyncio.wait_for(event(other).wait(), LIMIT)
            met.append(line)

        return sink

    logger.add(make("one", "other"), format="{message}")
    logger.add(make("other", "one"), format="{message}")
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert met == ["hello\n"] * 2


def test_given_loop_runs_the_sink_and_complete_async_awaits_it(collector):
    async def main():
        loop = asyncio.get_running_loop()
        logger.add(collector.method, format="{message}", loop=loop)
        for number in range(100):
            logger.info(str(number))
        assert await logger.complete_async(LIMIT)
        return loop

    loop = asyncio.run(main())

    assert collector.lines == [f"{number}\n" for number in range(100)]
    assert collector.loops == {loop}
    assert collector.threads == {threading.current_thread().name}


def test_own_loop_is_awaited_by_complete_async(collector):
    async def main():
        logger.info("hello")
        assert await logger.complete_async(LIMIT)

    logger.add(collector.method, format="{message}")
    asyncio.run(main())

    assert collector.lines == ["hello\n"]
    assert collector.threads == {"logly-loop"}


def test_complete_on_the_loops_own_thread_does_not_wait_for_itself(collector):
    async def main():
        logger.add(collector.method, format="{message}", loop=asyncio.get_running_loop())
        logger.info("hello")
        answers = logger.complete(), logger.flush()
        assert await logger.complete_async(LIMIT)
        return answers

    assert asyncio.run(main()) == (False, False)
    assert collector.lines == ["hello\n"]


def test_removing_on_the_loops_own_thread_does_not_wait_for_itself(collector):
    async def main():
        sink = logger.add(collector.method, format="{message}", loop=asyncio.get_running_loop())
        logger.info("hello")
        return logger.remove(sink)

    assert asyncio.run(main())
    assert logger.sink_count == 0


def test_loop_that_never_runs_holds_nobody_up(collector):
    loop = asyncio.new_event_loop()
    sink = logger.add(collector.method, loop=loop)
    logger.info("hello")

    assert logger.complete() is False

    assert logger.remove(sink)
    assert collector.lines == []
    loop.close()


def test_loop_that_runs_later_gets_what_was_logged_before(collector):
    loop = asyncio.new_event_loop()
    logger.add(collector.method, format="{message}", loop=loop)
    logger.info("early")

    assert loop.run_until_complete(logger.complete_async(LIMIT))

    assert collector.lines == ["early\n"]
    loop.close()


def test_what_is_logged_after_the_loop_was_closed_is_counted(capfd):
    async def late(line):
        raise AssertionError

    loop = asyncio.new_event_loop()
    sink = logger.add(late, format="{message}", loop=loop)
    loop.close()
    for _ in range(100):
        logger.info("too late")

    assert logger.complete(LIMIT)
    assert logger.sink_info(sink)["dropped"] == 100
    # Sinks of earlier tests may report the same error by now.
    assert capfd.readouterr().err.count(f"{logger.sink_info(sink)['name']}: its event loop is closed") == 1


def test_loop_that_is_closed_meanwhile_loses_nothing_uncounted(collector):
    async def main():
        logger.add(collector.method, format="{message}", loop=asyncio.get_running_loop())
        for _ in range(1_000):
            logger.info("hello")
        await asyncio.sleep(0)

    asyncio.run(main())
    assert logger.complete(LIMIT)

    (info,) = logger.all_sinks_info()
    assert info["written"] == len(collector.lines)
    assert info["written"] + info["dropped"] == 1_000


def test_end_of_a_loop_leaves_no_warning():
    program = """
import asyncio
from logly import logger
logger.remove_all()
async def sink(line):
    await asyncio.sleep(0.001)
async def main():
    logger.add(sink, loop=asyncio.get_running_loop())
    for number in range(2_000):
        logger.info("hello")
        if number % 100 == 0:
            await asyncio.sleep(0)
asyncio.run(main())
"""

    finished = child.run(program, environment={"PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "always"})

    finished.check()
    assert "never awaited" not in finished.stderr, finished.stderr
    assert "destroyed but it is pending" not in finished.stderr, finished.stderr
    # One line for a cancelled task, and one for the closed loop. On a slow machine, asyncio itself prints other lines.
    assert len([line for line in finished.stderr.splitlines() if not line.startswith("Executing <")]) <= 2, (
        finished.stderr
    )


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError, GeneratorExit])
def test_what_a_coroutine_raises_is_counted_and_the_next_line_comes(error, capfd):
    lines = []

    async def sink(line):
        if "bad" in line:
            raise error("refused")
        lines.append(line)

    sink_id = logger.add(sink, format="{message}")
    for text in ("bad secret", "good"):
        logger.info(text)

    assert logger.complete(LIMIT)
    assert lines == ["good\n"]
    assert logger.sink_info(sink_id)["dropped"] == 1
    told = capfd.readouterr().err
    assert "secret" not in told
    assert f"raised {error.__name__}: refused (" in told


def test_what_a_coroutine_logs_reaches_other_sinks_but_no_background_sink(collector):
    other = []

    async def sink(line):
        await collector.method(line)
        logger.info("inner")

    logger.add(sink, format="{message}")
    logger.add(other.append, format="{message}")
    logger.info("outer")

    assert logger.complete(LIMIT)
    assert collector.lines == ["outer\n"]
    assert sorted(other) == ["inner\n", "outer\n"]


def test_sink_info_says_what_it_is(collector):
    info = logger.sink_info(logger.add(collector.method))

    assert (info["kind"], info["name"], info["async_write"]) == ("coroutine", "Collector.method", True)


def test_asyncio_is_imported_for_coroutine_functions_alone():
    program = """
import sys
from logly import logger
logger.add(lambda line: None, async_write=True)
logger.info("hello")
logger.complete()
print("asyncio" in sys.modules)
"""

    assert child.output(program).endswith("False\n")


@pytest.mark.parametrize("loop", [5, "loop", object(), asyncio], ids=["5", "text", "object", "asyncio"])
def test_what_is_no_loop_is_refused(loop, collector):
    with pytest.raises(TypeError, match="loop: expected an event loop of asyncio, got"):
        logger.add(collector.method, loop=loop)

    assert logger.sink_count == 0


def test_closed_loop_is_refused(collector):
    loop = asyncio.new_event_loop()
    loop.close()

    with pytest.raises(ValueError, match="loop: expected an event loop that is not closed, got <"):
        logger.add(collector.method, loop=loop)


@pytest.mark.parametrize("sink", ["console", print, "app.log"])
def test_loop_is_refused_for_other_sinks(sink, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loop = asyncio.new_event_loop()

    with pytest.raises(ValueError, match="loop: expected a sink that is a coroutine function, got"):
        logger.add(sink, loop=loop)

    assert list(tmp_path.iterdir()) == []
    loop.close()


def test_synchronous_coroutine_function_is_refused(collector):
    with pytest.raises(ValueError, match="async_write: expected True for a coroutine function.*, got False"):
        logger.add(collector.method, async_write=False)


def test_threads_can_be_used_when_the_program_has_ended() -> None:
    ended = child.run(
        """
import asyncio
from logly import logger

async def pass_on(line):
    await asyncio.to_thread(print, line, end="", flush=True)

logger.remove()
logger.add(pass_on, format="{message}")
logger.info("the last one")
"""
    )

    ended.check(stdout="the last one\n", stderr="")
