"""Python sinks in the background when processes end and fork; tests for all kinds of sinks use `SINKS` elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import EXIT_LIMIT, check_log, run

if TYPE_CHECKING:
    from pathlib import Path


def test_stuck_sink_costs_its_time_and_one_line(tmp_path: Path) -> None:
    began = time.monotonic()
    result = run(
        tmp_path,
        """
        import time
        add()
        logger.add(lambda line: time.sleep(60), async_write=True)
        log(2000)
        """,
    )

    assert time.monotonic() - began < EXIT_LIMIT
    result.check(stderr="logly: 2000 records could not be written before the process ended\n")
    assert list(check_log(tmp_path / "app.log").values()) == [2000]


@pytest.mark.parametrize("kind", ["function", "stream", "handler"])
def test_what_is_logged_after_the_end_is_written_by_the_caller(tmp_path: Path, kind: str) -> None:
    result = run(
        tmp_path,
        f"""
        import atexit, logging
        atexit.register(log, 100, 100)
        import logly._process.lifecycle
        logly._process.lifecycle.install()
        made = {{
            "function": appending,
            "stream": lambda: open("app.log", "a"),
            "handler": lambda: logging.FileHandler("app.log"),
        }}
        logger.add(made[{kind!r}](), async_write=True, format="{{message}}")
        log(100)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [200]


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "threading.Thread(target=log, args=(100,)).start()"])
def test_stream_has_everything_at_the_end(tmp_path: Path, end: str) -> None:
    result = run(tmp_path, f"begin('background stream'); log(3000); {end}")

    result.check(stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 3000 + 100 * ("Thread" in end)


def test_handlers_have_everything_before_logging_closes_them(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import logging
        class Closing(logging.FileHandler):
            is_over = False
            def emit(self, record):
                assert not self.is_over
                super().emit(record)
            def close(self):
                self.is_over = True
                super().close()
        logger.add(Closing("app.log"), async_write=True)
        log(3000)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [3000]


def test_loop_that_never_runs_costs_no_time_at_the_end(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import asyncio
        async def sink(line): pass
        add()
        logger.add(sink, loop=asyncio.new_event_loop())
        log(100)
        """,
    )

    result.check()
    assert [line for line in result.stderr.splitlines() if line.startswith("logly")] == [
        "logly: sink sink: its event loop does not run; what was not written and what comes is dropped"
    ]
    assert list(check_log(tmp_path / "app.log").values()) == [100]


def test_loop_of_the_parent_is_none_of_the_childs(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import asyncio
        async def sink(line): pass
        async def main():
            sink_id = logger.add(sink, loop=asyncio.get_running_loop())
            child = os.fork()
            if child == 0:
                log(100)
                done = logger.complete(30)
                print(done, logger.sink_info(sink_id)["dropped"], flush=True)
                os._exit(0)
            os.waitpid(child, 0)
            log(100)
            assert await logger.complete_async(30)
            print(logger.sink_info(sink_id)["written"])
        asyncio.run(main())
        """,
    )

    result.check(
        stdout="True 100\n100\n",
        stderr="logly: sink sink: its event loop runs in the process that this one was forked from; "
        "what was not written and what comes is dropped\n",
    )


def test_fork_inside_a_sink_goes_on_in_both(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        append = appending()
        def sink(line):
            append(line)
            if line.record["number"] == 50 and os.getpid() == parent:
                child = os.fork()
                if child:
                    os.waitpid(child, 0)
        parent = os.getpid()
        logger.add(sink, format="{message}", async_write=True)
        log(100)
        assert logger.complete(30)
        """,
    )

    result.check()
    assert list(check_log(tmp_path / "app.log").values()) == [100]
