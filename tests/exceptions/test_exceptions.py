"""Exceptions: Python's own text below the line, and an object in JSON."""

from __future__ import annotations

import io
import json
import linecache
import sys
import threading
import traceback
import types

import logly.testing
import pytest
from logly import logger

from tests.support.threads import together

groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups and notes came with Python 3.11")


def raise_plain():
    raise ValueError("no such user")


def raise_chained():
    try:
        raise_plain()
    except ValueError as error:
        raise RuntimeError("request failed") from error


def raise_in_context():
    try:
        raise_plain()
    except ValueError:
        {}["missing"]


def raise_suppressed():
    try:
        raise_plain()
    except ValueError:
        raise RuntimeError("request failed") from None


def raise_unprintable():
    class Odd(Exception):
        def __str__(self):
            raise KeyError

    raise Odd


def raise_syntax():
    compile("a b", "made.py", "exec")


def raise_recursion():
    raise_recursion()


def raise_with_lines():
    raise ValueError("one\ntwo")


def raise_noted():
    error = ValueError("noted")
    error.add_note("first note")
    error.add_note("second\nnote")
    raise error


def raise_group():
    raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [KeyError("two")])])  # noqa: F821 - from 3.11 on


PLAIN = [
    raise_plain,
    raise_chained,
    raise_in_context,
    raise_suppressed,
    raise_unprintable,
    raise_syntax,
    raise_recursion,
    raise_with_lines,
]
NEW = [pytest.param(raise_noted, marks=groups), pytest.param(raise_group, marks=groups)]


def name_of(function):
    return function.__name__


def logged(function, **options):
    """The output for an exception, and Python's text for it."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, **options)
    try:
        function()
    except Exception:
        logger.exception("failed", n=1)
        expected = traceback.format_exc()
    return stream.getvalue(), expected


def described(function):
    return json.loads(logged(function, json=True)[0])["exception"]


@pytest.mark.parametrize("function", PLAIN + NEW, ids=name_of)
def test_text_is_what_python_prints(function):
    shown, expected = logged(function, format="{message}", multiline="raw")

    assert shown == f"failed\n{expected}"


def test_default_line_stands_before_the_traceback():
    shown, _ = logged(raise_plain, date_enabled=False)

    assert shown.startswith("ERROR | failed n=1\nTraceback (most recent call last):\n")


def test_format_may_place_the_traceback():
    shown, expected = logged(raise_plain, format="[{exception}] {message}")

    assert shown == f"[{expected.rstrip()}] failed\n"


def test_file_has_the_traceback_too(tmp_path):
    logger.add(tmp_path / "app.log", format="{message}")

    try:
        raise_plain()
    except ValueError:
        logger.exception("failed")
        expected = traceback.format_exc()
    logger.complete()

    assert (tmp_path / "app.log").read_text() == f"failed\n{expected}"


def test_exception_outside_a_handler_is_an_error_without_one():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, json=True)

    logger.exception("alone")

    got = json.loads(stream.getvalue())
    assert got["level"] == "ERROR"
    assert "exception" not in got


def test_other_methods_show_no_exception():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}")

    try:
        raise_plain()
    except ValueError:
        logger.error("failed")

    assert stream.getvalue() == "failed\n"


def test_json_names_type_module_and_message():
    got = described(raise_plain)

    assert (got["type"], got["module"], got["message"]) == ("ValueError", "builtins", "no such user")


def test_json_has_the_frames_outermost_first():
    frames = described(raise_plain)["frames"]

    assert [frame["function"] for frame in frames] == ["logged", "raise_plain"]
    assert frames[1] == {
        "file": __file__,
        "line": raise_plain.__code__.co_firstlineno + 1,
        "function": "raise_plain",
        "code": 'raise ValueError("no such user")',
    }


def test_json_has_the_cause():
    got = described(raise_chained)

    assert (got["message"], got["cause"]["message"]) == ("request failed", "no such user")
    assert "context" not in got


def test_json_has_the_context():
    got = described(raise_in_context)

    assert (got["type"], got["context"]["type"]) == ("KeyError", "ValueError")
    assert "cause" not in got


def test_json_leaves_out_a_suppressed_context():
    got = described(raise_suppressed)

    assert not {"cause", "context"} & got.keys()


@groups
def test_json_has_the_notes():
    assert described(raise_noted)["notes"] == ["first note", "second\nnote"]


@groups
def test_json_has_the_members_of_a_group():
    got = described(raise_group)

    assert [member["type"] for member in got["group"]] == ["ValueError", "ExceptionGroup"]
    assert got["group"][1]["group"][0]["message"] == "'two'"


def test_json_names_an_unprintable_message():
    assert described(raise_unprintable)["message"] == "<unprintable raise_unprintable.<locals>.Odd: KeyError>"


def test_json_of_an_exception_is_one_line():
    assert logged(raise_with_lines, json=True)[0].count("\n") == 1


def test_cyclic_chain_ends():
    def cycle():
        first, second = ValueError("first"), ValueError("second")
        first.__cause__, second.__cause__ = second, first
        raise first

    shown, _ = logged(cycle, json=True)

    assert json.loads(shown)["exception"]["cause"]["message"] == "second"


def test_long_chain_is_bounded():
    def chain():
        error = None
        for number in range(500):
            following = ValueError(str(number))
            following.__cause__ = error
            error = following
        raise error

    shown, _ = logged(chain, json=True)

    assert shown.count('"message"') <= 60


def test_exception_of_the_record_is_the_object_itself():
    error = ValueError("no")

    with logly.testing.capture() as records:
        try:
            raise error
        except ValueError:
            logger.exception("failed")

    assert records[0]["exception"].value is error


def test_more_places_than_are_kept_are_shown_as_python_does():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}")

    for number in range(9_000):
        code = compile(f"\n\ndef f{number}():\n    1 / 0\nf{number}()", f"<made {number}>", "exec")
        stream.seek(0)
        stream.truncate()
        try:
            exec(code, {})
        except ZeroDivisionError:
            logger.exception("failed")
        shown = stream.getvalue()

        assert f'File "<made {number}>", line 4, in f{number}\n' in shown
    assert shown.count("File ") == 3


def test_limit_of_tracebacks_is_followed(monkeypatch):
    monkeypatch.setattr(sys, "tracebacklimit", 1, raising=False)

    shown, expected = logged(raise_chained, format="{message}")

    assert shown == f"failed\n{expected}"
    assert shown.count("File ") == 2


def test_line_of_a_traceback_made_by_hand_is_shown():
    def made():
        try:
            raise_plain()
        except ValueError as error:
            last = error.__traceback__.tb_next
            made_by_hand = types.TracebackType(None, last.tb_frame, last.tb_lasti, last.tb_lineno)
            raise error.with_traceback(made_by_hand) from None

    shown, expected = logged(made, format="{message}")

    assert shown == f"failed\n{expected}"


def test_json_has_long_lines_of_source_cut(monkeypatch):
    source = f"raise ValueError('{'x' * 100_000}'[:1])\n"
    monkeypatch.setitem(linecache.cache, "<long>", (len(source), None, [source], "<long>"))

    def fail():
        exec(compile(source, "<long>", "exec"))

    (frame,) = (frame for frame in described(fail)["frames"] if frame["file"] == "<long>")
    assert len(frame["code"]) < 10_000
    assert frame["code"].startswith("raise ValueError('xxx")


def test_threads_log_the_same_exception_at_once():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}")
    gate = threading.Barrier(4)

    def work():
        gate.wait(10)
        for _ in range(50):
            with logger.catch(message="failed"):
                raise_chained()

    together(*[work] * 4)

    assert len(set(stream.getvalue().split("failed\n"))) == 2
