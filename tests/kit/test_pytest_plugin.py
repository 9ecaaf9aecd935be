"""The pytest plug-in, tested in separate runs of pytest."""

from __future__ import annotations

import re

import pytest
from logly import logger, testing

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester, monkeypatch):
    """Run pytest on a test file, with the plug-in, in a separate process; return the counts and the output."""

    def run_pytest(tests, *arguments, conftest=""):
        pytester.makeconftest(conftest)
        pytester.makepyfile("from logly import logger\nimport logging, pytest\n" + tests)
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
        return {
            name: count for name, count in result.parseoutcomes().items() if "warning" not in name
        }, result.stdout.str()

    return run_pytest


def test_fixture_gives_the_records_of_the_test(run):
    outcome, output = run(
        """
def test_it(logly_logs, capsys):
    logger.bind(user="ada").info("paid {amount} EUR", amount=12)
    logger.trace("seen though the console does not show it")

    record = logly_logs.assert_logged("paid 12 EUR", level="INFO", user="ada", amount=12)
    assert record["function"] == "test_it"
    assert logly_logs.messages == ["paid 12 EUR", "seen though the console does not show it"]
    assert [record["message"] for record in logly_logs.at_level("TRACE")] == logly_logs.messages[1:]
    assert "paid 12 EUR" in capsys.readouterr().out

def test_next(logly_logs):
    assert len(logly_logs) == 0
"""
    )

    assert outcome == {"passed": 2}, output


def test_state_is_restored_after_each_test(run):
    outcome, output = run(
        """
before = None

@pytest.fixture(scope="module", autouse=True)
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / "app.log"
    logger.add(path, format="{message}", level="ERROR")
    logger.add_callback(lambda record: None, name="kept")
    logger.bind()
    return path

def state():
    return logger.list_sinks(), [info["level"] for info in logger.all_sinks_info()]

def test_first():
    global before
    before = state()
    logger.configure(level="DEBUG", extra={"a": 1}, levels=[{"name": "AUDIT", "no": 35}])
    logger.remove_all()
    logger.add(print, level="TRACE")
    logger.set_level("TRACE")
    logger.disable("test_x")
    logger.remove_callback("kept")
    logger.info("lost")

def test_second(logly_logs, file):
    assert state() == before
    logger.error("again")
    logger.remove_all()
    assert "extra" not in logly_logs[0]["extra"] and "a" not in logly_logs[0]["extra"]
    with pytest.raises(ValueError):
        logger.level("AUDIT")

def test_third(file):
    assert state() == before
    logger.error("and again")
    assert logger.complete()
    assert file.read_text() == "again\\nand again\\n"
    assert logger.remove_callback("kept")
"""
    )

    assert outcome == {"passed": 3}, output


def test_records_survive_a_reset_in_the_test(run):
    outcome, output = run(
        """
def test_it(logly_logs):
    logger.remove_all()
    logger.info("one")
    logger.reset()
    logger.info("two")
    assert logly_logs.messages == ["one", "two"]
"""
    )

    assert outcome == {"passed": 1}, output


def test_caplog_sees_the_records(run):
    outcome, output = run(
        """
def test_it(caplog):
    logger.warning("disk {disk} is full", disk="sda")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")
    assert caplog.record_tuples == [(__name__, 30, "disk sda is full"), (__name__, 40, "failed")]
    assert caplog.records[0].disk == "sda"
    assert caplog.records[1].exc_info[0] is ZeroDivisionError
    assert "disk sda is full" in caplog.text

def test_what_logging_had_already_comes_once(caplog):
    import logly
    with logly.intercept_logging(level="INFO"), caplog.at_level("INFO"):
        logging.getLogger("lib").info("from a library")
    assert caplog.messages == ["from a library"]

def test_level(caplog):
    with caplog.at_level("ERROR"):
        logger.warning("not wanted")
        logger.error("wanted")
    assert caplog.messages == ["wanted"]
"""
    )

    assert outcome == {"passed": 3}, output


def test_unexpected_errors_fail_where_asked(run):
    tests = """
def test_error():
    logger.error("oh no")

def test_expected(logly_logs):
    logger.error("expected")
    logly_logs.assert_logged("expected")

@pytest.mark.allow_logged_errors
def test_allowed():
    logger.critical("allowed")

def test_warning():
    logger.warning("fine")

def test_failing():
    logger.error("oh no")
    assert False
"""
    outcome, output = run(tests, "--logly-fail-level=ERROR", "--strict-markers")

    assert outcome == {"passed": 3, "failed": 2}, output
    assert re.search(r"logged at ERROR or above and not expected:\n *ERROR \| test_\w+:5 \| oh no", output), output
    assert run(tests, "--strict-markers")[0] == {"passed": 4, "failed": 1}


def test_unexpected_errors_fail_tests_of_unittest(run):
    outcome, output = run(
        """
import unittest

class Tests(unittest.TestCase):
    def test_error(self):
        logger.error("oh no")

    def test_fine(self):
        logger.info("fine")

    def test_skipped(self):
        logger.error("oh no")
        self.skipTest("why")

    def test_failing(self):
        logger.error("oh no")
        self.fail("on its own")
""",
        "--logly-fail-level=ERROR",
    )

    assert outcome == {"passed": 1, "failed": 2, "skipped": 1}, output
    # pytest's summary repeats the reason when it shows whole reasons, as in CI.
    failures, _summary = output.split("short test summary info")
    assert failures.count("logged at ERROR or above and not expected") == 1, output


def test_records_like_those_that_were_expected_and_forgotten_are_unexpected(run):
    outcome, output = run(
        """
def test_it(logly_logs):
    for _ in range(50):
        logger.error("expected")
        logly_logs.assert_logged("expected")
        logly_logs.clear()
    logger.error("oh no")
""",
        "--logly-fail-level=ERROR",
    )

    assert outcome == {"failed": 1}, output


def test_fixture_can_be_asked_for_by_name(run):
    outcome, output = run(
        """
def test_it(request):
    logs = request.getfixturevalue("logly_logs")
    logger.debug("seen")
    logs.assert_logged("seen")
"""
    )

    assert outcome == {"passed": 1}, output


def test_test_that_runs_again_begins_anew(run):
    conftest = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
    outcome, output = run(
        """
runs = []

def test_it():
    runs.append(1)
    if len(runs) == 1:
        logger.error("oh no")
""",
        "--logly-fail-level=ERROR",
        conftest=conftest,
    )

    assert outcome == {"passed": 1}, output


def test_level_that_is_none_is_refused(pytester):
    result = pytester.runpytest_subprocess("--logly-fail-level=EROR")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(['ERROR: logly_fail_level: *got "EROR" (did you mean "ERROR"?)'])


def test_workers_of_xdist_are_apart(run):
    tests = "\n".join(
        f"""
def test_{number}(logly_logs):
    logger.info("{number}")
    assert logly_logs.messages == ["{number}"]
"""
        for number in range(12)
    )

    outcome, output = run(tests, "-n", "2")

    assert outcome == {"passed": 12}, output


@pytest.fixture
def logs():
    logger.configure(console=False)
    with testing.CapturedLogs() as captured:
        yield captured


@pytest.mark.parametrize(
    ("arguments", "fields", "text"),
    [
        (("two",), {}, "expected at least 1 record with message 'two', got 0"),
        (("one",), {"level": "ERROR"}, "expected at least 1 record with message 'one', level ERROR, got 0"),
        ((), {"n": 2}, "expected at least 1 record with n=2, got 0"),
        ((re.compile("o.e"),), {"times": 2}, r"expected 2 records with message re.compile('o.e'), got 1"),
    ],
)
def test_failed_assertion_says_what_was_logged(logs, arguments, fields, text):
    logger.info("one", n=1)

    with pytest.raises(AssertionError, match=re.escape(text)) as caught:
        logs.assert_logged(*arguments, **fields)

    names = ("tests.kit.test_pytest_plugin", "test_pytest_plugin")
    assert any(f"INFO | {name}" in str(caught.value) for name in names)
    assert "one n=1" in str(caught.value)


def test_what_must_not_be_logged(logs):
    logger.info("one")

    logs.assert_not_logged("two")
    logs.assert_not_logged(level="ERROR")
    with pytest.raises(AssertionError, match="expected 0 records with message 'one', got 1"):
        logs.assert_not_logged("one")


def test_patterns_and_clearing(logs):
    logger.info("order 17 paid")

    assert logs.assert_logged(re.compile(r"order \d+"))["message"] == "order 17 paid"
    logs.clear()
    assert list(logs) == []


def test_observed_records_reach_sinks_and_captures_too(logs):
    lines = []
    logger.add(lines.append, format="{message}")

    logger.info("one")
    with testing.capture() as captured:
        logger.info("two")

    assert logs.messages == ["one", "two"]
    assert lines == ["one\n"]
    assert [record["message"] for record in captured] == ["two"]
    assert logger.sink_count == 1
