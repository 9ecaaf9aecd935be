"""Copies of loggers, independent loggers, and what happens when they are deleted."""

from __future__ import annotations

import copy
import gc
import pathlib
import pickle
import sys
import weakref

import logly.testing
import pytest
from logly import Logger, logger

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_global_logger_is_the_global_logger(protocol):
    assert pickle.loads(pickle.dumps(logger, protocol)) is logger


def test_pickled_global_logger_is_that_of_another_process():
    code = "import pickle, sys, logly; print(pickle.load(sys.stdin.buffer) is logly.logger)"

    finished = child.run(code, input=pickle.dumps(logger), text=False)

    finished.check(stdout=b"True\n")


def test_pickled_bound_logger_keeps_its_fields(records):
    pickle.loads(pickle.dumps(logger.bind(user="ada"))).info("m")

    assert records[0]["extra"] == {"user": "ada"}


def shout(record):
    """Change a record; a patcher that can be pickled."""
    record["message"] = record["message"].upper()


def test_pickled_logger_keeps_its_options(records):
    made = logger.bind(user="ada").opt(capture=False).patch(shout).every(2, "key").opt(lazy=True)

    restored = pickle.loads(pickle.dumps(made))
    for _ in range(3):
        restored.info("at {n}", n=lambda: 7)

    assert [(record["message"], record["extra"]) for record in records] == [
        ("AT 7", {"user": "ada"}),
        ("AT 7", {"user": "ada", "suppressed": 1}),
    ]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copied_global_logger_is_the_global_logger(duplicate):
    assert duplicate(logger) is logger


def test_object_that_holds_the_logger_can_be_deepcopied():
    holder = {"log": logger, "list": [1]}

    copied = copy.deepcopy(holder)

    assert copied["log"] is logger
    assert copied["list"] is not holder["list"]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copied_bound_logger_keeps_its_fields(records, duplicate):
    duplicate(logger.bind(a=1)).info("m")

    assert records[0]["extra"] == {"a": 1}


def test_independent_logger_cannot_be_pickled():
    with pytest.raises(TypeError, match="independent"):
        pickle.dumps(Logger())


def test_independent_logger_has_its_own_sinks_and_settings(text, tmp_path):
    other = Logger()
    other.remove_all()
    other.configure(level="ERROR", extra={"a": 1})
    path = tmp_path / "other.log"
    sink = other.add(path, format="{message}{fields}")

    other.error("theirs")
    other.info("filtered")
    logger.info("ours")
    other.remove(sink)

    assert (text.lines, path.read_text()) == (["ours"], "theirs a=1\n")


def test_independent_logger_has_the_implicit_console(capsys):
    Logger().info("hello")

    assert capsys.readouterr().out.endswith("| INFO | hello\n")


def test_deleted_logger_writes_what_it_had(tmp_path):
    path = tmp_path / "app.log"
    other = Logger()
    other.configure(console=False)
    other.add(path, format="{message}")
    for number in range(1000):
        other.info("{number}", number=number)

    del other
    gc.collect()

    assert path.read_text().split() == [str(number) for number in range(1000)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/fd")
def test_deleted_logger_closes_its_files(tmp_path):
    def is_open(path):
        # A descriptor may be closed before it is resolved; `resolve` then returns its own name.
        return path.resolve() in [link.resolve() for link in pathlib.Path("/proc/self/fd").iterdir()]

    path = tmp_path / "app.log"
    other = Logger()
    other.configure(console=False)
    other.add(path)
    other.info("m")
    other.complete()
    assert is_open(path)

    del other
    gc.collect()

    assert not is_open(path)


def test_deleted_logger_releases_its_sinks():
    class Stream:
        def write(self, text):
            pass

    stream = Stream()
    released = weakref.ref(stream)
    other = Logger()
    other.add(stream)
    other.info("m")

    del stream, other
    gc.collect()

    assert released() is None


def test_logger_can_be_referenced_weakly():
    other = Logger()
    reference = weakref.ref(other)

    assert reference() is other
    del other
    gc.collect()
    assert reference() is None


def test_a_thousand_loggers_come_and_go(tmp_path):
    for number in range(1000):
        other = Logger()
        other.configure(console=False)
        other.info("m {number}", number=number)

    with logly.testing.capture(logger=other) as records:
        other.info("last")

    assert len(records) == 1


def test_repr_shows_sinks_and_fields(tmp_path):
    path = tmp_path / "app.log"
    logger.configure(console=False)
    sink = logger.add(path)

    assert repr(logger.bind(a="x")) == f"<logly.Logger [{sink}={path}] a='x'>"
