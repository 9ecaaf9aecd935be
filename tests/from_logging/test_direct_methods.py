"""The native methods in the place of those of `logging.Logger`: how they look, and how they come and go."""

from __future__ import annotations

import copy
import functools
import inspect
import logging
import logging.config
import os
import pickle
from unittest import mock

import logly
import logly.testing
import pytest

from tests.from_logging.test_direct_calls import LOGGER, direct_calls
from tests.support.child import output
from tests.support.standard import NEEDS_DIRECT_CALLS, Collector

pytestmark = NEEDS_DIRECT_CALLS

NAMES = ["debug", "info", "warning", "error", "critical", "exception", "log"]
PARTS = ("__doc__", "__name__", "__qualname__", "__module__", "__code__", "__defaults__")
ORIGINALS = {name: logging.Logger.__dict__[name] for name in NAMES}


def test_methods_stand_while_an_interception_lasts():
    with logly.intercept_logging():
        between = [logging.Logger.__dict__[name] is ORIGINALS[name] for name in NAMES]
        with logly.intercept_logging(loggers=["app"]):
            pass
        still = logging.Logger.info is ORIGINALS["info"]

    assert (set(between), still) == ({False}, False)
    assert [logging.Logger.__dict__[name] for name in NAMES] == list(ORIGINALS.values())


def test_interception_without_direct_calls_leaves_the_methods():
    with logly.intercept_logging(fast=False):
        assert logging.Logger.info is ORIGINALS["info"]


def test_another_call_switches_direct_calls_off_and_on(records):
    with logly.intercept_logging():
        with logly.intercept_logging(fast=False):
            off = direct_calls(lambda: LOGGER.info("off"))
        on = direct_calls(lambda: LOGGER.info("on"))

    assert (off, on, len(records)) == (0, 1, 2)


@pytest.mark.parametrize("fast", [1, None, "yes"])
def test_switch_is_a_bool(fast):
    with pytest.raises(TypeError, match="fast: expected True or False"):
        logly.intercept_logging(fast=fast)


@pytest.mark.parametrize("name", NAMES)
def test_method_looks_like_the_function_it_replaces(name):
    original = ORIGINALS[name]
    with logly.intercept_logging():
        method = getattr(logging.Logger, name)
        looks = [
            (inspect.isfunction(method), inspect.isroutine(method), isinstance(method, type(original))),
            (inspect.signature(method), inspect.signature(getattr(LOGGER, name))),
            tuple(getattr(method, part) for part in PARTS),
            (inspect.getsource(method), repr(method), inspect.unwrap(method), functools.wraps(method)(lambda: None)),
        ]
        bound = getattr(LOGGER, name)
        assert (inspect.ismethod(bound), bound.__self__, bound.__func__) == (True, LOGGER, method)
        assert bound == getattr(LOGGER, name)

    signature = inspect.signature(original)
    assert looks[0] == (True, True, True)
    assert looks[1] == (signature, signature.replace(parameters=list(signature.parameters.values())[1:]))
    assert looks[2] == tuple(getattr(original, part) for part in PARTS)
    assert looks[3][:3] == (inspect.getsource(original), repr(original), original)


def test_methods_can_be_copied_pickled_and_mocked():
    with logly.intercept_logging():
        for way in (copy.copy, copy.deepcopy, lambda method: pickle.loads(pickle.dumps(method))):
            assert way(logging.Logger.info) is logging.Logger.info
            assert way(LOGGER.info).__func__ is logging.Logger.info
        assert pickle.loads(pickle.dumps(LOGGER)) is LOGGER
        made = mock.create_autospec(logging.Logger, instance=True)
        made.info("%s", 1)
        made.info.assert_called_once_with("%s", 1)
        with pytest.raises(TypeError):
            made.info()


def test_attributes_are_those_of_the_function():
    with logly.intercept_logging():
        logging.Logger.info.mark = 1
        assert ORIGINALS["info"].mark == 1
        del logging.Logger.info.mark

    assert not hasattr(ORIGINALS["info"], "mark")


def test_subclasses_call_the_methods_of_their_base(records):
    class Own(logging.Logger):
        def info(self, message, *args, **kwargs):
            super().info(f"own {message}", *args, **kwargs)

    with logly.intercept_logging():
        own = Own("own")
        own.parent = logging.root
        own.info("%d", 1)
        logging.Logger.info(LOGGER, "unbound")

    assert [record["message"] for record in records] == ["own 1", "unbound"]


def _patch(monkeypatch):
    """Patch `info` as packages do, and return the calls that the patch saw."""
    original, seen = logging.Logger.info, []

    @functools.wraps(original)
    def info(self, message, *args, **kwargs):
        seen.append(message)
        return original(self, message, *args, **kwargs)

    monkeypatch.setattr(logging.Logger, "info", info)
    return info, seen


def test_patch_on_top_works_and_stays(records, monkeypatch):
    interception = logly.intercept_logging()
    info, seen = _patch(monkeypatch)
    LOGGER.info("one")
    interception.undo()
    stays = logging.Logger.info is info
    collector = Collector()
    LOGGER.addHandler(collector)
    LOGGER.setLevel("INFO")
    LOGGER.info("two")

    assert (stays, seen) == (True, ["one", "two"])
    assert [record["message"] for record in records] == ["one"]
    assert [record.msg for record in collector.records] == ["two"]


def test_patch_from_before_is_not_passed_by(records, monkeypatch):
    with logly.intercept_logging():
        pass
    _, seen = _patch(monkeypatch)

    with logly.intercept_logging():
        LOGGER.info("one")
        LOGGER.warning("two")

    assert seen == ["one"]
    assert [record["message"] for record in records] == ["one", "two"]


def test_error_that_others_patched_is_called_by_exception(records, monkeypatch):
    seen = []
    with logly.intercept_logging():
        original = logging.Logger.error

        def error(*args, **kwargs):
            seen.append(args)
            original(*args, **kwargs)

        monkeypatch.setattr(logging.Logger, "error", error)
        LOGGER.exception("failed")

    assert (len(seen), len(records)) == (1, 1)


def test_configuration_ends_direct_calls_and_another_interception_begins_them(records):
    interception = logly.intercept_logging()
    logging.config.dictConfig({"version": 1, "root": {"level": "DEBUG", "handlers": []}})
    off = direct_calls(lambda: LOGGER.info("lost"))
    second = logly.intercept_logging()
    on = direct_calls(lambda: LOGGER.info("found"))
    second.undo()
    interception.undo()

    assert (off, on) == (0, 1)
    assert [record["message"] for record in records] == ["found"]


def test_handler_of_a_configuration_is_direct_too(records):
    with logly.intercept_logging(loggers=["apart"]):
        handler = {"class": "logly.LoglyHandler"}
        root = {"level": "DEBUG", "handlers": ["logly"]}
        logging.config.dictConfig(
            {"version": 1, "disable_existing_loggers": False, "handlers": {"logly": handler}, "root": root}
        )
        assert direct_calls(lambda: LOGGER.info("taken")) == 1

    assert len(records) == 1


def test_child_has_its_own_process(tmp_path):
    program = f"""
import logging, os, logly
logly.logger.configure(console=False)
logly.logger.add({str(tmp_path / "log.jsonl")!r}, json=True, async_write=False)
logly.intercept_logging()
logging.getLogger("app").info("parent")
child = os.fork()
logging.getLogger("app").info("%d", os.getpid())
if child:
    os.waitpid(child, 0)
    print(os.getpid(), child, logly._logly._direct_calls()[0])
"""
    parent, child, count = output(program).split()

    text = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert count == "2"
    assert text.count(f'"message": "{parent}"') == text.count(f'"message": "{child}"') == 1


def test_interception_of_patched_logging_takes_pythons_way(records, monkeypatch):
    """A method that was replaced before the first interception of the process."""
    program = """
import logging, logly
original = logging.Logger.callHandlers
seen = []
logging.Logger.callHandlers = lambda self, record: (seen.append(record), original(self, record))
logly.logger.configure(console=False)
logly.intercept_logging()
logging.warning("one")
print(len(seen), logly._logly._direct_calls()[0], type(logging.Logger.info).__name__)
"""
    assert output(program).split() == ["1", "0", "function"]


def test_number_of_this_process_is_that_of_its_records(records):
    with logly.intercept_logging():
        assert direct_calls(lambda: LOGGER.info("%s", 1)) == 1

    assert records[0]["process"].id == os.getpid()
