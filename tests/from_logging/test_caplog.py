"""pytest's fixture `caplog` with the recipes that programs use for it, in separate runs of pytest."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

HEAD = """
import logging, logly, pytest
from logly import logger

class PropagateHandler(logging.Handler):
    def emit(self, record):
        logging.getLogger(record.name).handle(record)
"""

# From Loguru's documentation.
OF_LOGURU = """
@pytest.fixture
def caplog(caplog):
    handler_id = logger.add(
        caplog.handler, format="{message}", level=0, enqueue=False,
        filter=lambda record: record["level"].no >= caplog.handler.level,
    )
    yield caplog
    logger.remove(handler_id)
"""

PROPAGATING = """
@pytest.fixture(autouse=True)
def propagate_logs():
    logger.remove()
    logger.add(PropagateHandler(), format="{message}")
    yield
"""

BY_A_SINK = """
@pytest.fixture(autouse=True)
def to_logging():
    logger.add("logging")
"""

IN_THE_BACKGROUND = """
@pytest.fixture(autouse=True)
def in_the_background():
    logger.add(PropagateHandler(), format="{message}", enqueue=True)
"""

NONE_OF_THEM = ""


@pytest.fixture
def passes(pytester, monkeypatch):
    """Return a function that runs tests with the plug-in in a separate process and checks how many pass."""

    def run(tests, count=1, arguments=()):
        pytester.makepyfile(HEAD + tests)
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
        result.assert_outcomes(passed=count)
        return result.stdout.str()

    return run


@pytest.mark.parametrize(
    "recipe",
    [OF_LOGURU, PROPAGATING, BY_A_SINK, IN_THE_BACKGROUND, NONE_OF_THEM],
    ids=["loguru", "propagating", "sink", "background", "none"],
)
def test_record_is_counted_once_and_from_the_level_of_caplog_up(passes, recipe):
    passes(
        recipe
        + """
def test_once(caplog):
    logger.bind(user="ada").warning("disk {disk} is full", disk="sda")
    logger.error("twice")
    logger.error("twice")
    logger.complete()
    assert caplog.record_tuples == [
        (__name__, 30, "disk sda is full"), (__name__, 40, "twice"), (__name__, 40, "twice"),
    ]
    assert caplog.records[0].disk == "sda"

def test_once_while_the_clock_stands_still(caplog):
    with logly.testing.freeze("2025-01-15T10:30:45Z"):
        for _ in range(3):
            logger.warning("again")
    logger.complete()
    assert caplog.messages == ["again"] * 3

def test_level(caplog):
    with caplog.at_level("ERROR"):
        logger.warning("no")
        logger.error("yes")
        logger.complete()
    assert caplog.messages == ["yes"]
""",
        3,
    )


def test_sink_of_the_test_has_its_own_level_and_form(passes):
    passes(
        """
def test_form(caplog):
    logger.add(caplog.handler, format="<{level}> {message}", level="WARNING")
    logger.info("no")
    logger.warning("yes")
    assert caplog.messages == ["<WARNING> yes"]
"""
    )


def test_name_of_the_logger_that_a_test_asks_for_holds(passes):
    passes(
        """
def test_name(caplog):
    logger.add("logging:shop")
    logger.warning("hello")
    assert caplog.record_tuples == [("shop", 30, "hello")]
"""
    )


def test_records_come_again_when_the_sink_is_removed(passes):
    passes(
        """
def test_both(caplog):
    sink = logger.add(caplog.handler, format="{message}")
    logger.warning("one")
    logger.remove(sink)
    logger.warning("two")
    assert caplog.messages == ["one", "two"]
"""
    )


@pytest.mark.parametrize("names", ["None", "['lib']"])
def test_records_of_logging_come_once_when_they_are_intercepted(passes, names):
    passes(
        f"""
def test_intercepted(caplog):
    logging.getLogger("lib").warning("before")
    with logly.intercept_logging(loggers={names}):
        logging.getLogger("lib").warning("from a library")
        logging.getLogger("other").warning("from another")
    assert caplog.messages == ["before", "from a library", "from another"]
"""
    )


def test_filters_of_caplog_are_as_before(passes):
    passes(
        """
handler = None

def test_first(caplog):
    global handler
    handler = caplog.handler

def test_second():
    assert handler.filters == []
""",
        2,
    )


# From Loguru's documentation.
def test_recipe_for_the_report_shows_each_line_once(passes):
    output = passes(
        """
@pytest.fixture
def reportlog(pytestconfig):
    logging_plugin = pytestconfig.pluginmanager.getplugin("logging-plugin")
    handler_id = logger.add(logging_plugin.report_handler, format="{message}")
    yield
    logger.remove(handler_id)

def test_report(reportlog):
    logger.warning("in the report")

def test_again(reportlog):
    logger.warning("in the other report")
""",
        2,
        ["-rP"],
    )

    section = output.partition("Captured log call")[2]
    assert section.count("in the report") == 1
    assert output.count("Captured log call") == 2


# With `-s` the standard streams are Python's own, so that calls can be direct.
@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("arguments", [(), ("-s",)], ids=["captured", "streams"])
def test_intercepted_records_are_the_same_with_and_without_direct_calls(passes, fast, arguments):
    passes(
        f"""
lib, other = logging.getLogger("lib"), logging.getLogger("other")

@pytest.fixture
def intercepted():
    with logly.testing.capture() as records, logly.intercept_logging(fast={fast}):
        yield records

def test_no_fixture(intercepted):
    lib.warning("%s", 1)
    assert [record["message"] for record in intercepted] == ["1"]

def test_after(intercepted, caplog):
    lib.warning("%s and %d", "text", 2, extra={{"order": 17}})
    with caplog.at_level("ERROR", "lib"):
        lib.warning("no")
        lib.error("yes")
    with caplog.filtering(lambda record: record.name != "lib"):
        lib.error("filtered")
        other.error("kept")
    caplog.clear()
    lib.critical("last")
    assert caplog.record_tuples == [("lib", 50, "last")]
    taken = ["text and 2", "yes", "filtered", "kept", "last"]
    assert [record["message"] for record in intercepted] == taken
    assert intercepted[0]["extra"] == {{"order": 17}}

def test_before(caplog, intercepted):
    lib.info("one")
    assert caplog.messages == [record["message"] for record in intercepted] == ["one"]

def test_undone(caplog):
    interception = logly.intercept_logging(fast={fast})
    lib.warning("one")
    interception.undo()
    lib.warning("two")
    assert caplog.messages == ["one", "two"]
    assert type(logging.Logger.info).__name__ == "function"
""",
        4,
        arguments,
    )
