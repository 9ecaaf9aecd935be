"""Handlers of `logging` that are no longer sinks."""

from __future__ import annotations

import gc
import logging
import logging.handlers
import threading

import logly.testing
import pytest
from logly import Logger, logger

from tests.support import standard
from tests.support.child import output, run

pytest_plugins = ["pytester"]


class Closing(standard.Collector):
    """A handler that keeps its records and the order of calls."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def emit(self, record):
        self.calls.append(record.getMessage())

    def flush(self):
        self.calls.append("flush")

    def close(self):
        self.calls.append("close")
        super().close()


@pytest.fixture(autouse=True)
def _standard_loggers():
    logger.remove_all()
    with standard.restored():
        yield


def _remove(sink):
    logger.remove(sink)


def _remove_all(_sink):
    logger.remove_all()


def _reset(_sink):
    logger.reset()


def _replace(_sink):
    logger.configure(sinks=[])


def _reset_by_tests(_sink):
    logly.testing.reset()


WAYS = [_remove, _remove_all, _reset, _replace, _reset_by_tests]


@pytest.mark.parametrize("end", WAYS)
@pytest.mark.parametrize("in_background", [False, True])
def test_handler_is_flushed_and_closed_when_it_is_removed(end, in_background):
    handler = Closing()
    sink = logger.add(handler, async_write=in_background)
    logger.info("hello")

    end(sink)

    assert handler.calls == ["hello", "flush", "close"]


@pytest.mark.parametrize("in_background", [False, True])
def test_handler_is_closed_when_its_logger_is_deleted(in_background):
    handler = Closing()
    own = Logger()
    own.remove_all()
    own.add(handler, async_write=in_background)
    bound = own.bind(user="ada")
    own.info("hello")

    del own
    gc.collect()
    is_closed = "close" in handler.calls
    bound.info("still there")
    del bound
    gc.collect()

    assert not is_closed
    assert handler.calls == ["hello", "still there", "flush", "close"]


def test_object_is_stopped_when_its_logger_is_deleted():
    class Stopping:
        lines = ()

        def write(self, line):
            self.lines += (line,)

        def stop(self):
            self.lines += ("stop",)

    stream, own = Stopping(), Logger()
    own.remove_all()
    own.add(stream, format="{message}")
    own.info("hello")

    del own
    gc.collect()

    assert stream.lines == ("hello\n", "stop")


def test_exception_on_its_way_outlives_the_deletion_of_a_logger():
    def fail():
        own = Logger()
        own.add(Closing())
        del own
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fail()


def test_memory_handler_gives_its_records_to_its_target():
    target = standard.Collector()
    sink = logger.add(logging.handlers.MemoryHandler(100, target=target))
    logger.info("kept")
    before = len(target.records)

    logger.remove(sink)

    assert (before, [record.getMessage() for record in target.records]) == (0, ["kept"])


def test_file_is_closed(tmp_path):
    handler = logging.FileHandler(tmp_path / "log")
    sink = logger.add(handler)
    logger.info("hello")
    stream = handler.stream

    logger.remove(sink)

    assert stream.closed


def test_handler_that_a_logger_of_logging_has_is_flushed_alone():
    handler = Closing()
    logging.getLogger("app").addHandler(handler)
    sink = logger.add(handler)

    logger.remove(sink)
    logging.getLogger("app").error("theirs")

    assert handler.calls == ["flush", "theirs"]


@pytest.mark.parametrize("first", [0, 1])
def test_handler_of_two_sinks_is_closed_with_the_last(first):
    handler, other = Closing(), Logger()
    sinks = [(logger, logger.add(handler)), (other, other.add(handler))]

    owner, sink = sinks.pop(first)
    owner.remove(sink)
    after_one = handler.calls[:]
    owner, sink = sinks.pop()
    owner.remove(sink)

    assert (after_one, handler.calls) == (["flush"], ["flush", "flush", "close"])


def test_handler_that_is_added_again_by_configure_stays_open():
    handler = Closing()
    logger.configure(sinks=[{"sink": handler}])

    logger.configure(sinks=[{"sink": handler}])
    between = handler.calls[:]
    logger.configure(sinks=[])

    assert (between, handler.calls) == (["flush"], ["flush", "flush", "close"])


def test_handler_that_could_not_be_added_is_not_counted():
    handler = Closing()
    with pytest.raises(ValueError, match="level"):
        logger.add(handler, level="NONE")

    logger.remove(logger.add(handler))

    assert handler.calls == ["flush", "close"]


def test_handler_that_a_test_takes_away_is_open_when_it_comes_back(pytester):
    pytester.makepyfile("""
        import logging, pytest
        from logly import logger

        class Closing(logging.Handler):
            is_open = True
            def emit(self, record): pass
            def close(self): self.is_open = False

        handler = Closing()

        @pytest.fixture(scope="module", autouse=True)
        def _sink():
            logger.add(handler)

        def test_removes(): logger.remove_all()

        def test_has_it(): assert handler.is_open and logger.sink_count >= 1
    """)

    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_handler_that_fails_to_close_is_told(capfd):
    class Failing(Closing):
        def close(self):
            raise OSError

    handler = Failing()
    sink = logger.add(handler)

    assert logger.remove(sink)
    assert "close() of sink Failing raised OSError" in capfd.readouterr().err


def test_handler_that_removes_itself_is_closed():
    class Once(Closing):
        def emit(self, record):
            super().emit(record)
            logger.remove(self.sink)

    handler = Once()
    handler.sink = logger.add(handler)

    logger.info("hello")
    logger.info("no more")

    assert handler.calls == ["hello", "flush", "close"]


def test_records_that_others_are_giving_it_come_before_its_end():
    inside, go_on = threading.Event(), threading.Event()

    class Slow(Closing):
        def emit(self, record):
            inside.set()
            go_on.wait(30)
            super().emit(record)

    handler = Slow()
    sink = logger.add(handler)
    caller = threading.Thread(target=logger.info, args=("hello",))
    caller.start()
    inside.wait(30)
    remover = threading.Thread(target=logger.remove, args=(sink,))
    remover.start()
    go_on.set()
    caller.join(30)
    remover.join(30)

    assert handler.calls == ["hello", "flush", "close"]


AT_EXIT = """
import logging.handlers, sys
from logly import Logger, logger
target = logging.StreamHandler(sys.stdout)
logger.remove_all()
logger.add(logging.handlers.MemoryHandler(100, target=target))
own = Logger()
own.remove_all()
own.add(logging.handlers.MemoryHandler(100, target=target))
logger.info("of the global logger")
own.info("of another")
"""


def test_handlers_give_out_what_they_hold_when_the_program_ends():
    assert sorted(output(AT_EXIT).splitlines()) == ["of another", "of the global logger"]


FORKED = """
import logging, os, sys
from logly import logger
class Closing(logging.Handler):
    def emit(self, record): pass
    def close(self): os.write(1, b"closed %d\\n" % (os.getpid() == parent))
parent = os.getpid()
logger.remove_all()
logger.add(Closing())
child = os.fork()
if child == 0:
    logger.remove_all()
    os._exit(0)
os.waitpid(child, 0)
logger.remove_all()
os._exit(0)
"""


def test_child_does_not_close_what_its_parent_has():
    run(FORKED).check(stdout="closed 1\n")
